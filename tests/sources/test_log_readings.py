from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources import log_readings
from diagnose.sources.log_readings import check_room


def test_a_log_too_long_for_any_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_readings, "MOST_ROWS", 2)
    check_room([1, 2], "a.log")
    with pytest.raises(DiagnoseError, match=r"^a\.log: more than 2 steps"):
        check_room([1, 2, 3], "a.log")
