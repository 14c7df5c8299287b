from __future__ import annotations

import pytest

from diagnose.demo.progress import progress_bar


def test_a_bar_counts_and_keeps_the_time() -> None:
    bar = progress_bar("run", 400, 2200, 11.4, "loss: 1.0e-01")
    assert bar == "run:  18%|█▊        | 400/2200 [1:16:00<5:42:00, 11.40s/it, loss: 1.0e-01]"


def test_before_the_first_step_the_pace_is_unknown() -> None:
    assert progress_bar("run", 0, 10, 2.0, "x") == "run:   0%|          | 0/10 [00:00<?, ?it/s, x]"


@pytest.mark.parametrize(("done", "cells"), [(20, "▋         "), (299, "█████████▉"), (300, "██████████")])
def test_cells_are_filled_by_eighths(done: int, cells: str) -> None:
    assert f"|{cells}|" in progress_bar("run", done, 300, 1.0, "x")
