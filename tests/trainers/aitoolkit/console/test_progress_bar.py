from __future__ import annotations

import pytest

from diagnose.core.values import Place
from diagnose.sources.tally import Tally
from diagnose.trainers.aitoolkit.console.progress_bar import Bar, Done, StepClock, bar_row, idle_bar, training_bar

FORK = "job:  12%|█▏   | 19/160 [0:04<0:33,  4.26it/s, lr0: 5.8e-05 lr1: 3.3e-05 loss: 6.437e-01 grad_norm: 8e-3]"


def test_the_bar_of_the_fork() -> None:
    bar = training_bar(FORK.encode() + b"loss is nan")
    assert bar is not None
    assert (bar.name, bar.position, bar.total, bar.after) == (b"job", 19, 160, b"loss is nan")
    row = bar_row(Done(20, 7, bar.numbers), Tally("a.log"))
    assert (row.step, row.line, row.rates, row.lr_shared) == (20, 7, {"high": 5.8e-5, "low": 3.3e-5}, None)
    assert row.loss == 0.6437


def test_the_bar_of_upstream() -> None:
    bar = training_bar(b"my: job:   0%|          | 1/160 [00:01<02:51,  1.08s/it, lr: 6.6e-06 loss: 2.613e+00]")
    assert bar is not None
    row = bar_row(Done(1, 1, bar.numbers), Tally("a.log"))
    assert (row.lr_shared, row.rates, row.loss) == (6.6e-6, {}, 2.613)


@pytest.mark.parametrize(
    "text",
    [
        "Generating Images:  50%|█████     | 1/2 [00:01<00:01,  1.11s/it]",
        "Loading weights: 100%|██████████| 22/22 [00:00<00:00, 9533.49it/s]",
        " 75%|███████▌  | 3/4 [00:00<00:00, 27.36it/s]",
        "job:   0%|          | 0/160 [00:00<?, ?it/s]",
        FORK[:-3],  # cut off, or by a narrow terminal
        '    "prompt": "3/4, lr: 1",',
    ],
)
def test_what_is_no_training_bar(text: str) -> None:
    assert training_bar(text.encode()) is None


def test_numbers_that_are_not_finite_are_unknown_and_counted() -> None:
    tally = Tally("a.log")
    row = bar_row(Done(4, 9, b"lr: 1.0e-04 loss: nan lr1: x other: 3"), tally)
    assert (row.lr_shared, row.loss, row.rates) == (1e-4, None, {})
    assert [remark.place for remark in tally.remarks()] == [
        Place("a.log", line=9, key=key, step=4) for key in ("loss", "lr1")
    ]


def test_a_bar_that_stands_still() -> None:
    bar = idle_bar("job:  25%|██▌       | 40/160 [00:00<?, ?it/s]✓ Realigned".encode())
    assert bar is not None
    assert (bar.name, bar.position, bar.total, bar.after.decode()) == (b"job", 40, 160, "✓ Realigned")
    assert idle_bar(b"  0%|          | 0/5 [00:00<?, ?it/s]") is None
    assert idle_bar(FORK.encode()) is None


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
