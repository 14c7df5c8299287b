"""Which saves are compared, and what becomes of trends when experts take turns."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from alternating_experts import alternately, saves
from builders import recorder, value
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.pairs import Pair, one_per_step
from diagnose.facts.weights.strength import record_strength
from diagnose.facts.weights.trajectory import Trajectory, record_trajectory
from diagnose.facts.weights.turns import Turns, compare_turns
from diagnose.trainers.turns import Cadence
from diagnose.weights.measurement import ExpertMeasurement


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
