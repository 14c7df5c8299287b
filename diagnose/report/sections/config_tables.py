"""The config: what the file says against what the trainer does with it, and the checklist before a run."""

from __future__ import annotations

from diagnose.report.blocks import Block, drop_empty_columns, heading, items, paragraph, table
from diagnose.report.spans import Line, capital, code, join, line, prose, sentence, strong
from diagnose.report.wording import CHECKLIST, place, setting
from diagnose.verdict.report import Report
from diagnose.verdict.ticked_items import ChecklistItem, ChecklistStatus

_EFFECTIVE = ("Setting", "You wrote", "What it does", "Why", "Where")
_CHECKLIST = ("Part", "Item", "State", "Why, or what to do")


def effective(report: Report) -> list[Block]:
    """The settings whose effect differs from what the file says, or that matter."""
    rows = [
        [
            code(item.path),
            setting(item.declared),
            line("no effect") if item.effective is None else setting(item.effective),
            line("the same") if item.why and item.why == before else prose(item.why),
            place(item.source) if item.source else (),
        ]
        for item, before in zip(report.effective, [None, *(row.why for row in report.effective)], strict=False)
    ]
    return (
        [heading(2, "What your settings really do"), table(*drop_empty_columns(_EFFECTIVE, rows, ()))] if rows else []
    )


def checklist(report: Report) -> list[Block]:
    """The reference run's checklist in its order, and how many items are in which state."""
    if not report.checklist:
        return []
    rows = [[prose(item.section), prose(item.says), _state(item), _why(item)] for item in report.checklist]
    counted = paragraph(f"{', '.join(counts(report))}.")
    return [heading(2, "The checklist before a run"), counted, table(_CHECKLIST, rows)]


def counts(report: Report) -> list[str]:
    """Say how many items are in each state that occurs: "9 pass"."""
    states = [item.status for item in report.checklist]
    return [f"{states.count(status)} {CHECKLIST[status]}" for status in ChecklistStatus if status in states]


def failed(report: Report) -> list[Block]:
    """List the items of the checklist that a config fails."""
    return items(_failed(item) for item in report.checklist if item.status is ChecklistStatus.FAIL)


def _failed(item: ChecklistItem) -> Line:
    return line("Failed: ", sentence(item.says), " ", join(" ", map(capital, item.because)))


def _state(item: ChecklistItem) -> Line:
    words = CHECKLIST[item.status]
    return strong(words) if item.status is ChecklistStatus.FAIL else line(words)


def _why(item: ChecklistItem) -> Line:
    reasons = join(" ", map(capital, item.because))
    findings = join(", ", map(code, item.findings))
    return line(reasons, " (", findings, ")") if findings else reasons
