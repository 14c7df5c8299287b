from __future__ import annotations

import pytest

from diagnose.core.model import Place
from diagnose.sources.console.bar import bar_row, idle_bar, training_bar
from diagnose.sources.tally import Tally

FORK = "job:  12%|█▏   | 19/160 [0:04<0:33,  4.26it/s, lr0: 5.8e-05 lr1: 3.3e-05 loss: 6.437e-01 grad_norm: 8e-3]"


def test_the_bar_of_the_fork() -> None:
    bar = training_bar(FORK.encode() + b"loss is nan")
    assert bar is not None
    assert (bar.name, bar.position, bar.total, bar.after) == (b"job", 19, 160, b"loss is nan")
    row = bar_row(bar.numbers, step=20, line=7, tally=Tally("a.log"))
    assert (row.step, row.line, row.lr_high, row.lr_low, row.lr_shared) == (20, 7, 5.8e-5, 3.3e-5, None)
    assert (row.loss, row.grad_norm) == (0.6437, 0.008)


def test_the_bar_of_upstream() -> None:
    bar = training_bar(b"my: job:   0%|          | 1/160 [00:01<02:51,  1.08s/it, lr: 6.6e-06 loss: 2.613e+00]")
    assert bar is not None
    row = bar_row(bar.numbers, step=1, line=1, tally=Tally("a.log"))
    assert (row.lr_shared, row.lr_high, row.lr_low, row.loss, row.grad_norm) == (6.6e-6, None, None, 2.613, None)


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
    row = bar_row(b"lr: 1.0e-04 loss: nan grad_norm: x other: 3", step=4, line=9, tally=tally)
    assert (row.lr_shared, row.loss, row.grad_norm) == (1e-4, None, None)
    assert [remark.place for remark in tally.remarks()] == [
        Place("a.log", line=9, key=key, step=4) for key in ("loss", "grad_norm")
    ]


def test_a_bar_that_stands_still() -> None:
    bar = idle_bar("job:  25%|██▌       | 40/160 [00:00<?, ?it/s]✓ Realigned".encode())
    assert bar is not None
    assert (bar.name, bar.position, bar.total, bar.after.decode()) == (b"job", 40, 160, "✓ Realigned")
    assert idle_bar(b"  0%|          | 0/5 [00:00<?, ?it/s]") is None
    assert idle_bar(FORK.encode()) is None
