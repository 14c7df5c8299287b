from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.sources.console.copies import without_copies
from diagnose.sources.console.transcript import read_transcript

Write = Callable[[str, str | bytes], Path]
Drawings = Callable[..., str]
Kept = Callable[..., list[str]]

START = "Running 1 job\n# Running job: job\n"
ERROR = "Error running job: no\n"


@pytest.fixture
def kept(write: Write, tmp_path: Path) -> Kept:
    """Return a function that names the console of every session kept, of consoles a, b, ... in this order."""

    def names(*consoles: str) -> list[str]:
        files = [write(f"{name}.log", text) for name, text in zip("abcd", consoles, strict=False)]
        transcripts = [read_transcript(file, run_dir=tmp_path) for file in files]
        return [s.tally.file[0] for s in without_copies([s for each in transcripts for s in each.sessions])]

    return names


def test_a_copy_counts_once_where_it_came_first(kept: Kept, drawings: Drawings) -> None:
    trained = START + drawings(range(6), 9, lead=1) + "\n"
    again = START + drawings([4, 5, 6], 9, lead=1, numbers=lambda step: f"lr: 1.0e-04 loss: {step}")
    assert kept(trained + again, trained) == ["a", "a"]
    assert kept(trained, trained + again) == ["a", "b"]


@pytest.mark.parametrize("first", [True, False])
def test_a_part_gives_way_to_the_whole(kept: Kept, drawings: Drawings, first: bool) -> None:
    whole = START + drawings(range(9), 20, lead=1) + "\n" + ERROR
    head, tail = START + drawings(range(4), 20, lead=1), drawings(range(5, 8), 20, lead=1)
    consoles = (whole, head, tail) if first else (head, tail, whole)
    assert kept(*consoles) == [("a" if first else "c")]


def test_other_losses_are_another_start(kept: Kept, drawings: Drawings) -> None:
    first = START + drawings(range(4), 9, lead=1)
    other = START + drawings(range(4), 9, lead=1, numbers=lambda step: f"lr: 1.0e-04 loss: {step + (step > 2)}")
    assert kept(first, other) == ["a", "b"]


def test_a_crash_that_the_other_does_not_show_is_another_start(kept: Kept, drawings: Drawings) -> None:
    # the same seed draws the same first losses
    assert kept(START + drawings(range(9), 9, lead=1), START + drawings([0], 9, lead=1) + "\n" + ERROR) == ["a", "b"]


def test_of_equal_failures_before_the_first_step_the_last_counts(kept: Kept, drawings: Drawings) -> None:
    assert kept(START + ERROR, START + drawings(range(4), 9, lead=1), START + ERROR) == ["b", "c"]
    assert kept(START + ERROR, START + ERROR.replace("no", "other")) == ["a", "b"]


def test_a_console_is_no_copy_of_itself(kept: Kept) -> None:
    assert kept((START + ERROR) * 2) == ["a", "a"]
