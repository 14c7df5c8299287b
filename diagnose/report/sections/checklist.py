"""The document's pre-flight checklist, ticked off: what passes, what fails, what only the user can tell."""

from __future__ import annotations

from diagnose.report.escape import code, prose
from diagnose.report.tables import table
from diagnose.report.wording import CHECKLIST, sentence
from diagnose.verdict.report import Report
from diagnose.verdict.ticked_items import ChecklistItem, ChecklistStatus

_HEADER = ("Part", "Item", "State", "Why, or what is left to do")


def checklist(report: Report) -> list[str]:
    """A table in the document's order, and how many items stand how."""
    if not report.checklist:
        return []
    rows = [[prose(item.section), prose(item.says), _state(item), _why(item)] for item in report.checklist]
    return ["## The checklist before a run", f"{', '.join(counts(report))}.", table(_HEADER, rows)]


def counts(report: Report) -> list[str]:
    """Say how many items are in each state that occurs: "9 pass"."""
    states = [item.status for item in report.checklist]
    return [f"{states.count(status)} {CHECKLIST[status]}" for status in ChecklistStatus if status in states]


def _state(item: ChecklistItem) -> str:
    words = CHECKLIST[item.status]
    return f"**{words}**" if item.status is ChecklistStatus.FAIL else words


def _why(item: ChecklistItem) -> str:
    reasons = " ".join(sentence(f"{reason[:1].upper()}{reason[1:]}") for reason in item.because)
    findings = ", ".join(code(name) for name in item.findings)
    return f"{reasons} ({findings})" if findings else reasons
