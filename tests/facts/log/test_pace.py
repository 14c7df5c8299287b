from pathlib import Path
from typing import Any

import pytest
from builders import CONSOLE, config_of, readings, recorder, value
from hypothesis import given, settings
from hypothesis import strategies as st
from physical_logs import Machine, bar_log, physical_log
from run_evidence import evidence

from diagnose.facts.log.due import Cadence, Due
from diagnose.facts.log.pace import extract, pace_windows, slow_from, slow_stretches, slowdown
from diagnose.facts.log.series import build_series
from diagnose.facts.log.starts import Restarts
from diagnose.facts.log.waits import Waits, waits_of
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, LogReading
from diagnose.sources.log_rows import LogRow
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.declared import Config


def paced(*spans: tuple[int, float], every: int = 1, preview: float = 0.0) -> list[LogRow]:
    """Rows of spans of steps, each with the seconds that a step takes; a preview after every 50 steps."""
    rows, now, step = [], 0.0, 0
    for steps, seconds in spans:
        for _ in range(steps):
            rows += [LogRow(step, step + 1, time=now, loss=0.1)] if step % every == 0 else []
            now += seconds + (preview if step % 50 == 49 else 0)
            step += 1
    return rows


def recorded(rows: list[LogRow]) -> Recorder:
    record = recorder()
    record.known("run.steps_configured", 1400)
    record.known("run.steps_trained", 400)
    extract(evidence(read=readings(metrics=rows)), record)
    return record


def test_a_step_that_grows_slower_is_told_with_its_beginning() -> None:
    record = recorded(paced((300, 8), (100, 240)))
    assert value(record, "log.pace_best") == 8
    assert value(record, "log.pace_last") == 240
    assert value(record, "log.pace_factor") == 30
    assert abs(value(record, "log.slow_from") - 300) <= 20
    assert value(record, "run.hours_left") == pytest.approx(1000 * 240 / 3600)


def test_previews_and_a_slow_start_are_no_slowing_down() -> None:
    for rows in (paced((400, 8), preview=300), paced((20, 90), (380, 8))):
        record = recorded(rows)
        assert value(record, "log.pace_factor") == 1
        assert value(record, "log.slow_from") is None


def test_a_log_of_every_tenth_step_is_counted_by_the_step() -> None:
    assert value(recorded(paced((2000, 8), every=10)), "log.pace_last") == 8


def test_a_short_log_or_one_without_times_tells_nothing() -> None:
    assert value(recorded(paced((40, 8))), "log.pace_factor") is None
    assert value(recorded([LogRow(step, step, loss=0.1) for step in range(400)]), "log.pace_factor") is None


def test_the_console_tells_by_the_time_its_bar_has_run() -> None:
    rows = tuple(LogRow(s, s, loss=0.1, elapsed=8.0 * (s if s < 100 else s - 100)) for s in range(200))
    console = ConsoleReading(LogReading("log.txt", CONSOLE, rows_of("log.txt", rows)), ())
    record = recorder()
    extract(evidence(read=readings(console=console)), record)
    assert value(record, "log.pace_last") == 8, "the bar of a second start begins anew"


def test_three_windows_of_twenty_steps_are_needed() -> None:
    assert value(recorded(paced((61, 8))), "log.pace_best") == 8
    assert value(recorded(paced((60, 8))), "log.pace_best") is None


def test_a_window_is_as_slow_as_its_middle_step() -> None:
    assert value(recorded(paced((20, 8), (20, 80), (21, 8))), "log.pace_factor") == 1
    slow = recorded(paced((41, 8), (20, 80)))
    assert (value(slow, "log.pace_last"), value(slow, "log.slow_from")) == (80, 42)


def test_a_run_that_is_over_has_no_hours_left() -> None:
    for configured, left in ((400, None), (401, 8 / 3600)):
        record = recorder()
        record.known("run.steps_configured", configured)
        record.known("run.steps_trained", 400)
        extract(evidence(read=readings(metrics=paced((100, 8)))), record)
        assert value(record, "run.hours_left") == (None if left is None else pytest.approx(left))


def test_quick_steps_and_steps_of_no_time() -> None:
    assert value(recorded(paced((100, 0.5))), "log.pace_best") == 0.5
    assert value(recorded(paced((100, 0.0))), "log.pace_best") is None


NEVER = Due(Cadence(), Cadence(), after_saves=False)


def waits(rows: list[LogRow]) -> Waits:
    series = build_series(readings(metrics=rows))
    assert series is not None
    return waits_of(series, NEVER, (), None)


MIXED = [
    ((0.5, 1.0), (0.5, 12.0)),
    ((0.8, 1.0), (0.2, 12.0)),
    ((0.2, 1.0), (0.8, 12.0)),
    ((0.4, 1), (0.4, 3), (0.2, 9)),
]


@pytest.mark.parametrize("sizes", MIXED)
@pytest.mark.parametrize("seed", range(3))
def test_clips_of_several_sizes_are_no_slowing_down(sizes: tuple[tuple[float, float], ...], seed: int) -> None:
    found = pace_windows(waits(physical_log(Machine(sizes=sizes), seed)))
    assert slowdown(found) < 3


@pytest.mark.parametrize("sizes", [((1.0, 1.0),), *MIXED])
def test_all_steps_four_times_slower_are_seen_in_any_mix(sizes: tuple[tuple[float, float], ...]) -> None:
    found = pace_windows(waits(physical_log(Machine(sizes=sizes, slow_from=700, slow_by=4), 1)))
    assert slowdown(found) >= 3
    change = slow_from(found)
    assert change is not None
    assert abs(change.row.step - 700) <= 40


def test_a_console_of_whole_seconds_tells_the_pace_finely() -> None:
    rows = tuple(bar_log(Machine(steps=300, pace=2.3, noise=0.01), 3))
    record = recorder()
    extract(
        evidence(read=readings(console=ConsoleReading(LogReading("log.txt", CONSOLE, rows_of("log.txt", rows)), ()))),
        record,
    )
    assert value(record, "log.pace") == pytest.approx(2.3, abs=0.1)
    assert value(record, "log.pace_first") == pytest.approx(2.3, abs=0.1)


def slow_after(config: Config | None = None, **given: Any) -> Any:
    rows = physical_log(Machine(noise=0.02, slow_from=501, slow_by=6), 4)
    record = recorder()
    extract(evidence(config, readings(metrics=rows), **given), record)
    return value(record, "log.slow_since")


def test_what_came_just_before_is_named(tmp_path: Path) -> None:
    assert slow_after(restarts=Restarts((), ())) is None
    assert slow_after(restarts=Restarts((501,), ())) == "a start of the trainer"
    both = config_of(tmp_path, save={"save_every": 250}, sample={"sample_every": 100, "prompts": ["a dog"]})
    assert slow_after(both, restarts=Restarts((), ())) == "previews and a save"
    often = config_of(tmp_path, save={"save_every": 2}, sample={"sample_every": 500, "prompts": ["a dog"]})
    assert slow_after(often, restarts=Restarts((), ())) == "previews", "a save was close by chance"


def test_the_rest_takes_as_many_pauses_as_so_far_and_ends_by_the_logs_clock() -> None:
    record = recorder()
    record.known("run.steps_configured", 800)
    record.known("run.steps_trained", 400)
    record.known("run.open", value=True)
    record.known("log.pause_pace", 18.0)
    extract(evidence(read=readings(metrics=paced((400, 9)))), record)
    assert value(record, "run.hours_left") == pytest.approx(1 + 2)
    assert value(record, "run.done_at") == "1970-01-01 03:59"


def test_a_moment_beyond_the_calendar_is_not_told() -> None:
    rows = [LogRow(step, step + 1, time=1e300 + step * 1e290, loss=0.1) for step in range(100)]
    record = recorder()
    record.known("run.steps_configured", 800)
    record.known("run.steps_trained", 100)
    record.known("run.open", value=True)
    extract(evidence(read=readings(metrics=rows)), record)
    assert value(record, "run.done_at") is None


def test_a_stretch_in_the_middle_is_drawn() -> None:
    rows = paced((200, 8), (100, 40), (200, 8))
    (part,) = slow_stretches(waits(rows))
    assert part[0] == pytest.approx(201, abs=20)
    assert part[1] == pytest.approx(300, abs=20)
    assert part[2] == 5
    assert slow_stretches(waits(paced((500, 8)))) == []
    assert slow_stretches(waits(paced((200, 0.1), (100, 0.5)))) == []


@settings(max_examples=40)
@given(st.lists(st.floats(0.5, 500), min_size=70, max_size=160), st.floats(0.1, 50), st.floats(-1e9, 1e9))
def test_the_pace_scales_with_time_and_does_not_know_the_hour(gaps: list[float], by: float, shift: float) -> None:
    times = [sum(gaps[:at]) for at in range(len(gaps) + 1)]
    plain, other = (
        pace_windows(waits([LogRow(s, s, time=t * k + d, loss=0.1) for s, t in enumerate(times)]))
        for k, d in ((1.0, 0.0), (by, round(shift)))
    )
    assert [w.usual * by for w in plain] == pytest.approx([w.usual for w in other], rel=1e-3, abs=1e-3)
    assert slowdown(plain) == pytest.approx(slowdown(other), rel=1e-3)
    assert slowdown(plain) >= 1 - 1e-9
