"""How two experts take turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.turns import Cadence

TURNS = st.integers(1, 12)


def test_a_first_step_after_a_pause_moves_nothing_in_the_fork() -> None:
    fork, upstream = Cadence(10, 1, rests=True), Cadence(10, 1, rests=False)
    assert fork.moves([1, 10, 20, 40]) == [
        {Expert.HIGH: 1, Expert.LOW: 0},
        {Expert.HIGH: 10, Expert.LOW: 0},
        {Expert.HIGH: 10, Expert.LOW: 10},
        {Expert.HIGH: 19, Expert.LOW: 19},
    ]
    assert upstream.moves([40]) == [{Expert.HIGH: 20, Expert.LOW: 20}]


def test_switching_at_every_step_freezes_the_fork() -> None:
    assert Cadence(1, 1, rests=True).moves([500]) == [{Expert.HIGH: 1, Expert.LOW: 1}]
    assert Cadence(2, 2, rests=True).moves([500]) == [{Expert.HIGH: 1, Expert.LOW: 1}]
    assert Cadence(1, 1, rests=False).moves([500]) == [{Expert.HIGH: 250, Expert.LOW: 250}]


def test_accumulation_over_a_switch_trains_both_in_every_step() -> None:
    assert Cadence(1, 2, rests=True).moves([7]) == [{Expert.HIGH: 7, Expert.LOW: 7}]


def test_turns_count_batches_not_steps() -> None:
    assert Cadence(10, 2, rests=True).moves([5, 10]) == [
        {Expert.HIGH: 5, Expert.LOW: 0},
        {Expert.HIGH: 5, Expert.LOW: 5},
    ]


@given(TURNS, TURNS, st.booleans())
def test_both_have_had_a_turn_from_the_step_it_says(switch: int, accumulation: int, rests: bool) -> None:
    cadence = Cadence(switch, accumulation, rests)
    before, after = cadence.moves([cadence.both_from - 1, cadence.both_from])
    assert min(before.values()) == 0
    assert min(after.values()) == 1
    assert cadence.cycle >= cadence.both_from


@given(TURNS, TURNS)
def test_the_batches_are_shared_out_as_the_trainer_does(switch: int, accumulation: int) -> None:
    """Step by step over single batches, as its loop goes."""
    counts, turn, left = dict.fromkeys(Expert, 0), 0, switch
    for _ in range(40):
        trained = set()
        for _ in range(accumulation):
            if left == 0:
                turn, left = 1 - turn, switch
            trained.add((Expert.HIGH, Expert.LOW)[turn])
            left -= 1
        for expert in trained:
            counts[expert] += 1
    assert Cadence(switch, accumulation, rests=False).moves([40]) == [counts]
