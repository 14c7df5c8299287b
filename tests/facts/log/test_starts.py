"""Starts of the trainer, and the rows of the last."""

from pathlib import Path

import pytest
from builders import CONSOLE, config_of, readings
from msgspec.structs import replace

from diagnose.core.values import Place
from diagnose.facts.log.due import when_due
from diagnose.facts.log.series import build_series
from diagnose.facts.log.starts import Restarts, interruptions, last_start, restarts
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS, LogRow
from diagnose.sources.readings import RunReadings
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.declared import Config


def rows(count: int = 100) -> list[LogRow]:
    return [LogRow(step, step + 1, time=float(step), loss=0.1) for step in range(count)]


def told(run: RunReadings, *sessions: ConsoleSession) -> RunReadings:
    log = LogReading("stdout.log", CONSOLE, rows_of("stdout.log", rows()))
    return replace(run, console=ConsoleReading(log, sessions))


def test_a_console_names_the_first_step_of_each_later_start(tmp_path: Path) -> None:
    first = ConsoleSession("stdout.log", 1, 50, SessionEnd.INTERRUPTED, first_step=0)
    second = ConsoleSession("stdout.log", 51, 90, SessionEnd.FINISHED, resumed_from=40, resume_line=55, first_step=41)
    run = told(readings(metrics=rows()), first, second)
    series, config = build_series(run), config_of(tmp_path)
    later = restarts(run, series, config)
    assert later == Restarts((41,), (Place("stdout.log", 55, step=40),))
    latest = last_start(series, later)
    assert latest is not None
    assert (latest.rows[0].step, latest.rows[-1].step) == (41, 99)


def test_one_start_has_all_rows(tmp_path: Path) -> None:
    run = told(readings(metrics=rows()), ConsoleSession("stdout.log", 1, 90, SessionEnd.FINISHED, first_step=0))
    series = build_series(run)
    later = restarts(run, series, config_of(tmp_path))
    assert later == Restarts((), (Place("stdout.log", 90),))
    assert last_start(series, later) is series


def test_a_long_pause_is_a_start_where_no_console_tells(tmp_path: Path) -> None:
    paused = [replace(row, time=(row.time or 0) + 900 * (row.step >= 47)) for row in rows()]
    run = readings(metrics=paused)
    series = build_series(run)
    later = restarts(run, series, config_of(tmp_path))
    assert later is not None
    assert (later.steps, later.samples) == ((47,), 100)
    assert (latest := last_start(series, later)) is not None
    assert latest.rows[0].step == 47


def test_without_a_log_or_times_nothing_is_known(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    assert restarts(readings(), None, config) is None
    assert last_start(None, None) is None
    untimed = readings(metrics=[replace(row, time=None) for row in rows()])
    assert restarts(untimed, build_series(untimed), config) is None


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
    read = readings(metrics=rows) if kind == "metrics" else readings(loss_db=rows)
    series = build_series(read)
    assert series is not None
    found = interruptions(series, when_due(read, config, series.log.abilities))
    return None if found is None else [row.step for row in found]


def cadences(tmp_path: Path, save: int, sample: int) -> Config:
    return config_of(tmp_path, save={"save_every": save}, sample={"sample_every": sample, "prompts": ["a dog"]})


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


@pytest.mark.parametrize(
    ("seconds", "pause", "found"),
    [(0.5, 19.4, []), (0.5, 19.6, [47]), (1, 19, []), (1, 19.5, [47]), (8, 152, []), (8, 153, [47])],
)
def test_a_pause_is_twenty_times_the_usual_wait_and_twenty_seconds(
    tmp_path: Path, seconds: float, pause: float, found: list[int]
) -> None:
    config = cadences(tmp_path, 100, 100)
    assert steps(config, log({47: pause}, steps=60, step_seconds=seconds)) == found


def test_a_pause_at_a_save_is_four_times_the_others(tmp_path: Path) -> None:
    for pause, found in ((392, []), (393, [501]), (4 * 108 - 8, [501])):
        assert steps(cadences(tmp_path, 100, 100), log(due(100, 92) | {501: pause})) == found, pause


def test_a_save_at_every_step_is_a_cadence(tmp_path: Path) -> None:
    assert steps(cadences(tmp_path, 1, 10**9), log({47: 600})) == [47]
    assert steps(cadences(tmp_path, 1, 1), log(dict.fromkeys(range(2, 60), 600), steps=60)) == []


def test_the_rows_of_the_last_start_begin_with_its_first_step() -> None:
    series = build_series(readings(metrics=log({}, steps=10)))
    latest = last_start(series, Restarts((4, None, 7), ()))
    assert latest is not None
    assert [row.step for row in latest.rows] == [7, 8, 9]
    assert Restarts((4, None, 7), ()).known_steps == (4, 7)
    assert last_start(series, None) is series
    assert last_start(series, Restarts((None,), ())) is series


def test_a_log_that_begins_at_time_zero_has_its_first_pause() -> None:
    rows = [LogRow(at, at + 1, time=time, loss=0.1) for at, time in enumerate((0.0, 20.5, 21.0, 21.5))]
    assert steps(None, rows) == [1]


def test_a_console_that_shows_less_than_the_log_leaves_the_pauses_to_tell(tmp_path: Path) -> None:
    config, rows = config_of(tmp_path, train={"steps": 1000}), log({47: 600}, steps=100)
    session = ConsoleSession("log.txt", 1, 90, SessionEnd.FINISHED)
    for shown, found in ((rows, 0), (rows[1:], 1), (rows[:-1], 1), ([], 1)):
        console = ConsoleReading(LogReading("log.txt", CONSOLE, rows_of("log.txt", shown)), (session,))
        run = readings(metrics=rows, console=console)
        later = restarts(run, build_series(run), config)
        assert later is not None
        assert len(later.steps) == found
    none = readings(console=ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), (session,)))
    assert restarts(none, None, config) == Restarts((), (Place("log.txt", line=90),))
