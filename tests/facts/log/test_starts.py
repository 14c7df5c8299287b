"""Starts of the trainer, and the rows of the last."""

from dataclasses import replace
from pathlib import Path

from builders import CONSOLE, config_of, readings

from diagnose.core.model import Place
from diagnose.facts.log.series import build_series
from diagnose.facts.log.starts import Restarts, last_start, restarts
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, LogRow, SessionEnd
from diagnose.sources.readings import RunReadings


def rows(count: int = 100) -> list[LogRow]:
    return [LogRow(step, step + 1, time=float(step), loss=0.1) for step in range(count)]


def told(run: RunReadings, *sessions: ConsoleSession) -> RunReadings:
    log = LogReading("stdout.log", CONSOLE, tuple(rows()))
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
