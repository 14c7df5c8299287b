from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources import log_rows
from diagnose.sources.log_rows import check_room, finish_rows
from diagnose.sources.readings import LogRow


def test_rows_come_in_order_of_step() -> None:
    assert [row.step for row in finish_rows({3: LogRow(3, 1), 1: LogRow(1, 2)})] == [1, 3]


def test_a_rate_is_unknown_until_its_expert_steps_and_stays_as_it_is_then() -> None:
    rates = [(1e-5, 0.0), (2e-5, 0.0), (2e-5, 1e-5), (0.0, 1e-5)]
    rows = {step: LogRow(step, step, lr_high=high, lr_low=low) for step, (high, low) in enumerate(rates)}
    finished = finish_rows(rows)
    assert [row.lr_low for row in finished] == [None, None, 1e-5, 1e-5]
    assert [row.lr_high for row in finished] == [1e-5, 2e-5, 2e-5, 0.0]


def test_a_shared_rate_of_zero_is_a_rate() -> None:
    (row,) = finish_rows({0: LogRow(0, 1, lr_shared=0.0)})
    assert row.lr_shared == 0


def test_a_log_too_long_for_any_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_rows, "MOST_ROWS", 2)
    check_room([1, 2], "a.log")
    with pytest.raises(DiagnoseError, match=r"^a\.log: more than 2 steps"):
        check_room([1, 2, 3], "a.log")
