from pathlib import Path

import pytest
from builders import config_of, readings
from msgspec.structs import replace

from diagnose.facts.log.due import Cadence, Due, when_due
from diagnose.sources.log_readings import Abilities
from diagnose.sources.readings import SampleFile

AFTER, BEFORE = Abilities(after_saves=True), Abilities(after_saves=False)


@pytest.mark.parametrize(
    ("cadence", "first", "last", "count"),
    [
        (Cadence(every=10), 0, 9, 0),
        (Cadence(every=10), 0, 10, 1),
        (Cadence(every=10), 10, 30, 3),
        (Cadence(every=10), 11, 19, 0),
        (Cadence(every=10, start=25), 1, 40, 2),
        (Cadence(every=1), 5, 5, 1),
        (Cadence(steps=(0, 7, 9)), 0, 9, 2),
        (Cadence(steps=(7, 9)), 8, 8, 0),
        (Cadence(), 0, 100, 0),
        (Cadence(every=10), 10, 9, 0),
    ],
)
def test_how_often_something_is_due(cadence: Cadence, first: int, last: int, count: int) -> None:
    assert cadence.count(first, last) == count


def test_the_fork_writes_a_row_before_its_saves_and_upstream_after_them() -> None:
    due = Due(Cadence(every=20), Cadence(every=10), after_saves=False)
    assert due.between([19, 20, 21]) == ([0, 1], [0, 1])
    upstream = replace(due, after_saves=True)
    assert upstream.between([19, 20, 21]) == ([1, 0], [1, 0])
    assert upstream.between([100, 200]) == ([5], [10])
    assert due.between([]) == ([], [])


def test_what_is_due_is_known_from_the_config_else_from_the_files(tmp_path: Path) -> None:
    config = config_of(tmp_path, save={"save_every": 50}, sample={"sample_every": 100, "prompts": ["a dog"]})
    assert when_due(readings(), config, AFTER) == Due(Cadence(every=100), Cadence(every=50), after_saves=True)
    shown = replace(readings(), samples=(SampleFile("a.webp", 300, 0, 1), SampleFile("b.webp", 300, 1, 2)))
    assert when_due(shown, None, BEFORE) == Due(Cadence(steps=(300,)), None, after_saves=False)
    assert when_due(readings(), None, BEFORE).previews is None, "unknown is not never"


def test_previews_that_are_not_made_are_never_due(tmp_path: Path) -> None:
    without = config_of(tmp_path, sample={"sample_every": 100})
    off = config_of(tmp_path, train={"disable_sampling": True}, sample={"sample_every": 100, "prompts": ["a dog"]})
    for config in (without, off):
        assert when_due(readings(), config, AFTER).previews == Cadence()


@pytest.mark.parametrize(("every", "cadence"), [(1, Cadence(every=1)), (0.5, None), (10**9 + 1, None), (0, None)])
def test_a_cadence_is_from_one_to_a_thousand_million_steps(
    tmp_path: Path, every: float, cadence: Cadence | None
) -> None:
    assert when_due(readings(), config_of(tmp_path, save={"save_every": every}), AFTER).saves == cadence


def test_previews_may_begin_later(tmp_path: Path) -> None:
    sample = {"sample_every": 100, "sample_start_step": 250, "prompts": ["a dog"]}
    found = when_due(readings(), config_of(tmp_path, sample=sample), AFTER)
    assert found.previews == Cadence(every=100, start=250)
