"""Which saves are compared, and what becomes of trends when experts take turns."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from alternating_experts import alternately, saves
from builders import readings, recorder, value
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.pairs import Pair, one_per_step
from diagnose.facts.weights.strength import record_strength
from diagnose.facts.weights.trajectory import Trajectory, record_trajectory
from diagnose.facts.weights.turns import Turns, compare_turns, own_updates
from diagnose.sources.log_rows import LogRow
from diagnose.trainers.turns import Cadence
from diagnose.weights.measurement import ExpertMeasurement

LEARNED = {Expert.HIGH: lambda n: 1e-6 * n, Expert.LOW: lambda n: 5e-7 * n}


def logged(turns: list[Expert], rows: slice = slice(None)) -> Series:
    found = build_series(readings(metrics=[LogRow(s, s + 1, loss=0.1, expert=e) for s, e in enumerate(turns)][rows]))
    assert found is not None
    return found


def test_the_log_counts_every_experts_own_steps() -> None:
    turns = alternately(801, 100)
    own = own_updates(saves(turns, 100, LEARNED), logged(turns), None, ())
    assert own.source == "the log"
    assert list(own.counts.values())[:4] == [(100, 1), (101, 100), (200, 101), (201, 200)]


def test_the_settings_count_where_the_log_is_silent_or_full_of_holes() -> None:
    turns = alternately(801, 100)
    pairs = saves(turns, 100, LEARNED)
    for series in (None, logged(turns, slice(400, None))):
        own = own_updates(pairs, series, Cadence(100, 1, rests=True), ())
        assert own.source == "the turns in the config"
        assert own.counts[400] == (201, 200)


def test_batches_count_under_accumulation() -> None:
    turns = alternately(401, 50)
    own = own_updates(saves(turns, 50, LEARNED), None, Cadence(100, 2, rests=True), ())
    assert own.source == "the turns in the config"
    assert own.counts[100] == (51, 50)


def test_a_final_save_holds_the_steps_before_its_number() -> None:
    turns = alternately(400, 100)
    own = own_updates(saves(turns, 100, LEARNED, final=True), None, Cadence(100, 1, rests=True), ())
    assert own.counts[400] == (200, 200)


def test_restarts_that_begin_with_the_high_noise_expert_are_told_by_the_files() -> None:
    turns = alternately(1201, 100, starts=[300])
    own = own_updates(saves(turns, 100, LEARNED), None, Cadence(100, 1, rests=False), [300])
    assert own.source.endswith("from each restart on")
    assert own.counts[1200] == (700, 501)


def test_a_fork_that_goes_on_where_it_was_is_told_by_the_files_too() -> None:
    own = own_updates(saves(alternately(1201, 100), 100, LEARNED), None, Cadence(100, 1, rests=True), [300])
    assert own.source == "the turns in the config"


def test_a_config_that_the_files_contradict_is_not_believed() -> None:
    pairs = saves(alternately(1201, 10), 100, LEARNED)
    own = own_updates(pairs, None, Cadence(100, 1, rests=True), ())
    assert own.source.startswith("which files changed")
    assert {high - low for high, low in own.counts.values()} == {0}


def test_the_files_alone_tell_the_turns() -> None:
    own = own_updates(saves(alternately(1201, 100), 100, LEARNED), None, None, ())
    assert own.source.startswith("which files changed")
    assert [high - low for high, low in own.counts.values()] == [100, 0] * 6


def test_an_expert_that_the_files_never_show_training_has_no_updates() -> None:
    own = own_updates(saves([Expert.HIGH] * 601, 100, LEARNED), None, None, ())
    assert own.counts[600] == (600, 0)


def root(top: float) -> Callable[[int], float]:
    return lambda n: top * math.sqrt(n / 1500)


def line(top: float) -> Callable[[int], float]:
    return lambda n: top * n / 1500


FALLING = {Expert.HIGH: root(0.0024), Expert.LOW: line(0.0018)}
RISING = {Expert.HIGH: line(0.004), Expert.LOW: root(0.0018)}


def told(pairs: list[Pair], turns: Turns) -> tuple[Recorder, Trajectory | None]:
    record = recorder()
    record_strength(pairs, turns.compared, record)
    return record, record_trajectory(pairs, turns, record)


def of_turns(block: int) -> Cadence:
    return Cadence(block, 1, rests=True)


def steps(turns: Turns) -> list[int]:
    return [pair.step for pair in turns.compared]


def test_turns_as_long_as_the_interval_leave_every_second_save() -> None:
    pairs = saves(alternately(3070, 100), 100, FALLING)
    turns = compare_turns(pairs, None, of_turns(100), ())
    assert steps(turns) == list(range(200, 3001, 200))
    assert turns.left_out == tuple(range(100, 3000, 200))
    assert turns.why.startswith("Every second save is compared (step 200, 400, 600 ... 3000): at these both experts")


@pytest.mark.parametrize(("learned", "gains"), [(FALLING, True), (RISING, False)])
@pytest.mark.parametrize(("block", "every"), [(100, 100), (150, 100), (40, 100), (30, 100), (10, 100), (100, 50)])
def test_the_trend_is_certain_at_one_phase(
    learned: dict[Expert, Callable[[int], float]], gains: bool, block: int, every: int
) -> None:
    pairs = saves(alternately(3070, block), every, learned)
    for cadence in (of_turns(block), None):
        record, _ = told(pairs, compare_turns(pairs, None, cadence, ()))
        assert value(record, "weights.low_gains") is gains, cadence


def test_all_saves_together_leave_it_in_the_noise() -> None:
    pairs = saves(alternately(3070, 100), 100, FALLING)
    record, _ = told(pairs, Turns(one_per_step(pairs)))
    assert value(record, "weights.low_gains") is None


@pytest.mark.parametrize("block", [1, 10, 25, 50])
def test_turns_shorter_than_the_interval_leave_every_save(block: int) -> None:
    pairs = saves(alternately(1001, block), 100, RISING)
    assert compare_turns(pairs, None, of_turns(block), ()).left_out == ()
    assert compare_turns(pairs, None, of_turns(block), ()).why == ""


def test_turns_that_do_not_divide_the_interval() -> None:
    pairs = saves(alternately(2401, 150), 100, RISING)
    turns = compare_turns(pairs, None, of_turns(150), ())
    assert turns.left_out == tuple(range(300, 2401, 300))
    assert "was as far ahead each time, by about 100 updates" in turns.why


def test_a_final_save_within_a_turn_is_left_out() -> None:
    pairs = saves(alternately(2150, 100), 100, RISING, final=True)
    turns = compare_turns(pairs, None, of_turns(100), ())
    assert steps(turns) == list(range(200, 2101, 200))
    record, _ = told(pairs, turns)
    assert value(record, "weights.ratio_step") == 2000


def test_missing_saves_leave_those_of_one_phase() -> None:
    pairs = [pair for pair in saves(alternately(2401, 100), 100, RISING) if pair.step not in {800, 900, 1600}]
    turns = compare_turns(pairs, None, of_turns(100), ())
    assert steps(turns) == [step for step in range(200, 2401, 200) if step not in {800, 1600}]


def test_a_restart_that_shifts_the_turns_leaves_the_saves_after_it() -> None:
    pairs = saves(alternately(2401, 100, starts=[1050]), 100, RISING)
    turns = compare_turns(pairs, None, of_turns(100), [1050])
    assert {1100, 1200, 1300, 2400} <= set(steps(turns)), "each interval has half a turn of either"
    record, _ = told(pairs, turns)
    assert value(record, "weights.low_gains") is False


def test_one_save_or_one_expert_has_nothing_to_compare() -> None:
    pairs = saves(alternately(101, 100), 100, RISING)
    assert steps(compare_turns(pairs, None, None, ())) == [100]
    alone = [replace(pair, experts={Expert.LOW: pair.experts[Expert.LOW]}) for pair in pairs]
    assert compare_turns(alone, None, None, ()).compared == ()


def test_saves_of_another_rank_are_not_compared() -> None:
    pairs = saves(alternately(1001, 10), 100, RISING)
    old = [replace(pair, experts={e: _of_rank(m, 2) for e, m in pair.experts.items()}) for pair in pairs[:4]]
    assert steps(compare_turns([*old, *pairs[4:]], None, None, ())) == list(range(500, 1001, 100))


def _of_rank(measured: ExpertMeasurement, rank: int) -> ExpertMeasurement:
    return replace(measured, modules=tuple(replace(module, rank=rank) for module in measured.modules))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 28), max_size=12), st.booleans())
def test_pauses_change_neither_sign_nor_certainty(paused: set[int], falls: bool) -> None:
    """A save that repeats the low-noise expert's file while the other trains on is no news on the two together."""
    even = saves(alternately(3001, 10), 100, FALLING if falls else RISING)
    certain, _ = told(even, compare_turns(even, None, None, ()))
    pairs: list[Pair] = []
    for index, pair in enumerate(even):
        if index in paused:
            half = {**pair.experts, Expert.LOW: even[index - 1].experts[Expert.LOW]}
            pairs.append(replace(pair, step=2 * pair.step - 100, experts=half))
        pairs.append(replace(pair, step=2 * pair.step))
    record, _ = told(pairs, compare_turns(pairs, None, None, ()))
    assert value(certain, "weights.low_gains") is falls
    assert value(record, "weights.low_gains") is falls
