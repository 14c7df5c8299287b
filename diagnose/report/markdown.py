"""The page a person reads: one screen for the few things that matter, depth behind it."""

from __future__ import annotations

from collections.abc import Callable

from diagnose.report.sections.actions import actions
from diagnose.report.sections.appendix import appendix
from diagnose.report.sections.checklist import checklist
from diagnose.report.sections.checkpoints import checkpoints
from diagnose.report.sections.effective import effective
from diagnose.report.sections.experts import experts
from diagnose.report.sections.findings import first, good, known, other
from diagnose.report.sections.forecast import forecast
from diagnose.report.sections.keep import keep
from diagnose.report.sections.location import location
from diagnose.report.sections.next_run import next_config
from diagnose.report.sections.opening import opening
from diagnose.report.sections.supposed import supposed
from diagnose.report.sections.thresholds import thresholds
from diagnose.report.sections.trajectory import trajectory
from diagnose.report.sections.uncertain import uncertain
from diagnose.report.sections.watching import watching
from diagnose.verdict.report import Report

SECTIONS: tuple[Callable[[Report], list[str]], ...] = (
    opening,
    actions,
    first,
    supposed,
    effective,
    checklist,
    keep,
    experts,
    trajectory,
    checkpoints,
    location,
    forecast,
    next_config,
    watching,
    other,
    known,
    good,
    uncertain,
    thresholds,
    appendix,
)
"""In reading order."""


def to_markdown(report: Report) -> str:
    """Return the report as CommonMark with tables. Whatever came from the run's files is escaped."""
    blocks = [block for section in SECTIONS for block in section(report)]
    return "\n\n".join(blocks) + "\n"
