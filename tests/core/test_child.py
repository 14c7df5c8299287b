"""A child answers line by line, is given time to end, and says how it ended."""

import os
import signal
from pathlib import Path

import pytest

from diagnose.core import child

HELPER = """
import sys, time
def main():
    for line in sys.stdin:
        if line == "die\\n":
            sys.exit(3)
        sys.stdout.write(line.upper())
        sys.stdout.flush()
    time.sleep({seconds})
"""


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "child_helper.py").write_text(HELPER.format(seconds=0), encoding="utf-8")
    (tmp_path / "child_sleeper.py").write_text(HELPER.format(seconds=60), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "child_helper"


def test_a_line_for_a_line_until_the_input_ends(helper: str) -> None:
    process = child.start(helper)
    assert [child.exchange(process, line) for line in ("one\n", "grün\n")] == ["ONE\n", "GRÜN\n"]
    assert child.end(process) == 0


def test_a_dead_child_answers_nothing_however_often_it_is_asked(helper: str) -> None:
    process = child.start(helper)
    assert [child.exchange(process, line) for line in ("die\n", "one\n", "two\n")] == [""] * 3
    assert child.end(process) == 3


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.usefixtures("helper")
def test_a_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PATIENCE", 0.05)
    process = child.start("child_sleeper")
    assert child.exchange(process, "one\n") == "ONE\n"
    assert child.end(process) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with status 0"),
        (3, "ended with status 3"),
        (-9, "was killed by SIGKILL"),
        (-99, "was killed by signal 99"),
    ],
)
def test_an_ending_in_words(status: int, words: str) -> None:
    assert child.ending(status) == words
