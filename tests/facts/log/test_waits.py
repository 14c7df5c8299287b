import pytest
from builders import CONSOLE, readings
from hypothesis import given
from hypothesis import strategies as st

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.due import Cadence, Due
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.log.waits import Waits, usual, waits_of
from diagnose.sources.log_readings import ConsoleReading, LogReading
from diagnose.sources.log_rows import LogRow
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.turns import Cadence as Turns

DUE = Due(Cadence(every=10), Cadence(every=5), after_saves=False)


def series(rows: list[LogRow]) -> Series:
    found = build_series(readings(metrics=rows))
    assert found is not None
    return found


def ticking(*times: float, first: int = 0, every: int = 1) -> list[LogRow]:
    return [LogRow(first + at * every, at + 1, time=time, loss=0.1) for at, time in enumerate(times)]


def waits(rows: list[LogRow], starts: tuple[int, ...] = (), turns: Turns | None = None) -> Waits:
    return waits_of(series(rows), DUE, starts, turns)


def test_a_wait_knows_its_steps_and_what_was_due_in_it() -> None:
    found = waits(ticking(0, 80, 240, every=10))
    assert [(w.steps, w.pace, w.previews, w.saves) for w in found.each] == [(10, 8, 0, 1), (10, 16, 1, 2)]
    assert not found.apart


def test_a_wait_over_a_start_of_the_trainer_is_none() -> None:
    rows = ticking(*(float(at) for at in range(12)))
    assert [w.row.step for w in waits(rows, starts=(6,)).each] == [1, 2, 3, 4, 5, 8, 9, 10, 11]


def test_a_clock_that_steps_back_gives_no_wait() -> None:
    assert [w.seconds for w in waits(ticking(0, 5, 3, 4)).each] == [5, 1]


def test_the_switches_are_known_by_the_rows_else_by_the_settings() -> None:
    rows = [
        LogRow(s, s, time=float(s), loss=0.1, expert=(Expert.LOW if s in {2, 3} else Expert.HIGH)) for s in range(5)
    ]
    assert [w.switched for w in waits(rows).each] == [False, True, False, True]
    plain = ticking(0, 1, 2, 3, 4)
    assert [w.switched for w in waits(plain).each] == [None] * 4
    assert [w.switched for w in waits(plain, turns=Turns(2, 1, rests=False)).each] == [False, True, False, True]
    assert [w.switched for w in waits(plain, turns=Turns(1, 2, rests=False)).each] == [None] * 4
    assert waits(ticking(0, 1, every=2), turns=Turns(2, 1, rests=False)).each[0].switched is None


def test_the_clock_of_a_bar_has_no_pauses() -> None:
    rows = tuple(LogRow(s, s, loss=0.1, elapsed=8.0 * s) for s in range(12))
    found = build_series(readings(console=ConsoleReading(LogReading("log.txt", CONSOLE, rows_of("log.txt", rows)), ())))
    assert found is not None
    bar = waits_of(found, DUE, (), None)
    assert not bar.pauses_count
    assert [(w.steps, w.pace) for w in bar.training] == [(2, 8)] * 5, "read over ten seconds and more"


def test_the_excess_is_what_the_steps_around_did_not_take() -> None:
    rows = ticking(*(8.0 * s + (300 if s > 10 else 0) for s in range(30)))
    found = waits(rows)
    assert found.excess(next(w for w in found.each if w.previews)) == 300


def test_the_usual_value_is_finer_than_a_clock_of_whole_seconds() -> None:
    assert usual([2, 2, 3]) == 2
    assert usual([2.0, 3.0] * 10 + [500.0]) == pytest.approx(2.5, abs=0.1)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=40), st.lists(st.integers(0, 40), max_size=4))
def test_no_wait_is_negative_and_none_is_counted_twice(gaps: list[float], starts: list[int]) -> None:
    times = [sum(gaps[:at]) for at in range(len(gaps))]
    found = waits(ticking(*times), starts=tuple(starts))
    assert all(w.seconds >= 0 for w in found.each)
    assert sum(w.seconds for w in found.each) <= times[-1] * (1 + 1e-9)
    assert len({w.row.step for w in found.each}) == len(found.each)
