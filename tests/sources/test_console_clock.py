from __future__ import annotations

import pytest

from diagnose.sources.console.bar import Bar
from diagnose.sources.console.clock import Done, StepClock


def seen(first_step: int, *drawn: tuple[int, str]) -> list[tuple[int, str]]:
    """Return the steps and numbers that a clock finds in bars of (position, numbers)."""
    clock = StepClock(first_step)
    done = [
        clock.draw(Bar(b"job", at, 100, numbers.encode(), b""), line) for line, (at, numbers) in enumerate(drawn, 1)
    ]
    return [(each.step, each.numbers.decode()) for each in [*done, clock.close()] if each is not None]


def test_upstream_moves_to_the_step_after() -> None:
    assert seen(0, (0, "a"), (1, "a"), (1, "b"), (2, "b"), (2, "c")) == [(0, "a"), (1, "b"), (2, "c")]


def test_the_fork_moves_to_the_step_itself() -> None:
    assert seen(0, (0, "a"), (0, "a"), (0, "b"), (1, "b"), (1, "c")) == [(0, "a"), (1, "b"), (2, "c")]


def test_a_resumed_fork_starts_one_step_after_its_bar() -> None:
    assert seen(41, (40, "a"), (41, "a"), (41, "b"), (42, "b")) == [(41, "a"), (42, "b")]


def test_a_resumed_upstream_trains_its_step_again() -> None:
    assert seen(40, (40, "a"), (41, "a"), (41, "b"), (42, "b")) == [(40, "a"), (41, "b")]


@pytest.mark.parametrize("lead", [0, 1])
def test_a_missing_tick_loses_no_step(lead: int) -> None:
    drawn = [(4 + lead, "a"), (5 + lead, "a"), (5 + lead, "b"), (6 + lead, "c"), (7 + lead, "c")]
    assert seen(5, *drawn) == [(5, "a"), (6, "b"), (7, "c")]


def test_a_count_that_was_held_back_is_caught_up() -> None:
    # The fork leaves the bar paused after logging, so its step 2 shows no count and step 3 catches up.
    drawn = [(0, "a"), (0, "a"), (0, "b"), (1, "b"), (1, "c"), (1, "d"), (3, "d")]
    assert seen(0, *drawn) == [(0, "a"), (1, "b"), (2, "c"), (3, "d")]


def test_a_bar_drawn_again_on_closing_is_no_step() -> None:
    assert seen(0, (0, "a"), (1, "a"), (1, "b"), (2, "b"), (2, "b"), (2, "b")) == [(0, "a"), (1, "b")]


def test_a_step_with_the_very_numbers_of_the_one_before_is_a_step() -> None:
    assert seen(0, (0, "a"), (1, "a"), (1, "a"), (2, "a"), (2, "b")) == [(0, "a"), (1, "a"), (2, "b")]
    assert seen(0, (0, "a"), (1, "a"), (1, "a"), (2, "b"), (3, "b")) == [(0, "a"), (1, "a"), (2, "b")]


def test_a_step_that_spoke_is_posted_even_if_no_number_changed() -> None:
    clock = StepClock(0)
    steps = []
    for position, spoke in ((0, True), (0, False), (0, True), (1, False), (1, True)):
        if spoke:
            steps.append(clock.current)
            clock.announce()
        clock.draw(Bar(b"job", position, 9, b"lr: 1 loss: 0", b""), position)
    assert steps == [0, 1, 2]
    assert clock.close() == Done(2, 1, b"lr: 1 loss: 0")


def test_a_skipped_step_has_no_row() -> None:
    clock = StepClock(0)
    clock.draw(Bar(b"job", 0, 9, b"a", b""), 1)
    clock.draw(Bar(b"job", 1, 9, b"a", b""), 2)
    clock.skip()
    assert clock.current == 2
    clock.draw(Bar(b"job", 1, 9, b"b", b""), 3)
    assert clock.draw(Bar(b"job", 3, 9, b"b", b""), 4) == Done(2, 3, b"b")


def test_the_first_steps_can_be_skipped() -> None:
    clock = StepClock(0)
    clock.skip()
    clock.draw(Bar(b"job", 0, 9, b"b", b""), 3)
    assert clock.draw(Bar(b"job", 2, 9, b"b", b""), 4) == Done(1, 3, b"b")


def test_a_bar_that_goes_back_starts_anew_there() -> None:
    drawn = [(7, "a"), (8, "a"), (8, "b"), (4, "c"), (5, "c"), (5, "d"), (6, "d")]
    assert seen(7, *drawn) == [(7, "a"), (8, "b"), (4, "c"), (5, "d")]
