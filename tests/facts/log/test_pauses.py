"""Pauses that previews and saves explain, and those that they do not."""

from pathlib import Path

import pytest
from builders import config_of, readings

from diagnose.facts.log.pauses import interruptions
from diagnose.facts.log.series import build_series
from diagnose.sources.log_readings import LogRow
from diagnose.trainers.declared import Config


def log(pauses: dict[int, float], steps: int = 1000, step_seconds: float = 8.0) -> list[LogRow]:
    """Rows of a run, with so many seconds more before some of them."""
    rows, now = [], 0.0
    for step in range(steps):
        now += step_seconds + pauses.get(step, 0.0)
        rows.append(LogRow(step, step + 1, time=now, loss=0.1))
    return rows


def due(every: int, seconds: float, *, after: int = 1) -> dict[int, float]:
    """The fork's pauses: after the row of a step that is due, so before the next; upstream's: `after=0`."""
    return {step + after: seconds for step in range(every, 1000, every)}


def steps(config: Config | None, rows: list[LogRow], kind: str = "metrics") -> list[int] | None:
    series = build_series(readings(metrics=rows) if kind == "metrics" else readings(loss_db=rows))
    assert series is not None
    found = interruptions(series, config)
    return None if found is None else [row.step for row in found]


def cadences(tmp_path: Path, save: int, sample: int) -> Config:
    return config_of(tmp_path, save={"save_every": save}, sample={"sample_every": sample})


def test_previews_pause_a_run_without_interrupting_it(tmp_path: Path) -> None:
    for save, sample, pauses in (
        (100, 100, due(100, 300)),
        (100, 250, due(100, 3) | due(250, 300)),
        (250, 100, due(250, 3) | due(100, 300)),
    ):
        assert steps(cadences(tmp_path, save, sample), log(pauses)) == []


def test_upstream_previews_before_it_writes_the_row(tmp_path: Path) -> None:
    config = cadences(tmp_path, 100, 100)
    assert steps(config, log(due(100, 300, after=0)), "loss_db") == []
    assert steps(config, log(due(100, 300)), "loss_db") == [step + 1 for step in range(100, 1000, 100)]


def test_a_pause_that_nothing_explains(tmp_path: Path) -> None:
    config = cadences(tmp_path, 100, 250)
    assert steps(config, log({47: 600})) == [47]
    assert steps(config, log({47: 5})) == []
    assert steps(None, log(due(100, 300))) == [step + 1 for step in range(100, 1000, 100)]


def test_a_pause_at_a_save_far_longer_than_the_others(tmp_path: Path) -> None:
    assert steps(cadences(tmp_path, 100, 100), log(due(100, 300) | {501: 5000})) == [501]


@pytest.mark.parametrize("every", [float("inf"), 0, -5])
def test_a_cadence_that_is_no_count_explains_nothing(tmp_path: Path, every: float) -> None:
    config = config_of(tmp_path, save={"save_every": every})
    assert steps(config, log({47: 600})) == [47]


def test_without_times_nothing_is_known() -> None:
    assert steps(None, [LogRow(step, step + 1, loss=0.1) for step in range(9)]) is None
