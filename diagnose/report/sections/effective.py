"""What the file says against what the trainer does with it."""

from __future__ import annotations

from diagnose.report.escape import code, prose
from diagnose.report.tables import drop_empty_columns, table
from diagnose.report.wording import place, setting
from diagnose.verdict.report import Report

_HEADER = ("Setting", "You wrote", "What happens", "Why", "Where")


def effective(report: Report) -> list[str]:
    """The settings whose effect differs from what the file says, or that matter."""
    rows = [
        [
            code(item.path),
            setting(item.declared),
            "no effect" if item.effective is None else setting(item.effective),
            "the same" if item.why and item.why == before else prose(item.why),
            place(item.source) if item.source else "",
        ]
        for item, before in zip(report.effective, [None, *(row.why for row in report.effective)], strict=False)
    ]
    return ["## You wrote, what happens", table(*drop_empty_columns(_HEADER, rows, ""))] if rows else []
