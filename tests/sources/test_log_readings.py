from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources import log_readings
from diagnose.sources.log_readings import LogRow, check_room, latest_rows


def test_a_log_too_long_for_any_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_readings, "MOST_ROWS", 2)
    check_room(2, "a.log")
    with pytest.raises(DiagnoseError, match=r"^a\.log: more than 2 steps"):
        check_room(3, "a.log")


def test_a_later_start_replaces_all_from_its_first_step_on() -> None:
    starts = [{step: LogRow(step, line) for step in steps} for line, steps in ((1, (0, 1, 2)), (2, ()), (3, (1,)))]
    assert {step: row.line for step, row in latest_rows(starts).items()} == {0: 1, 1: 3}
