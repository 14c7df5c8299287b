"""The report as a value: what a view may rely on."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from labelled_runs import DATA

from diagnose import Report, postmortem
from diagnose.verdict.report import SCHEMA, Tool


def test_a_report_is_frozen_and_names_its_schema() -> None:
    report = postmortem(DATA / "fork-frozen")
    assert SCHEMA == "diagnose/report/1"
    assert isinstance(report.tool, Tool)
    with pytest.raises(AttributeError):
        report.findings = ()  # type: ignore[misc]


def test_parts_of_a_report_are_tuples_that_nobody_can_add_to() -> None:
    hints = get_type_hints(Report)
    assert not [name for name, hint in hints.items() if getattr(hint, "__origin__", None) in {list, dict, set}]
