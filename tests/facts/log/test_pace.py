import pytest
from builders import CONSOLE, readings, recorder, value
from run_evidence import evidence

from diagnose.facts.log.pace import extract
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, LogReading, LogRow


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
    console = ConsoleReading(LogReading("log.txt", CONSOLE, rows), ())
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
