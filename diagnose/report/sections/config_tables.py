"""The config: what the trainer does with it, the checklist before a run, and what the run needs."""

from __future__ import annotations

from diagnose.core.values import size
from diagnose.report.blocks import Block, drop_empty_columns, heading, items, paragraph, table
from diagnose.report.figures import Kind, figure
from diagnose.report.spans import capital, code, join, line, prose, strong
from diagnose.report.wording import CHECKLIST, place, setting
from diagnose.verdict.needs import Needs
from diagnose.verdict.report import Report
from diagnose.verdict.ticked_items import ChecklistStatus

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
    rows = []
    for item in report.checklist:
        state = CHECKLIST[item.status]
        found = line("(", join(", ", map(code, item.findings)), ")") if item.findings else ()
        why = join(" ", [*map(capital, item.because), found])
        shown = strong(state) if item.status is ChecklistStatus.FAIL else line(state)
        rows.append([prose(item.section), prose(item.says), shown, why])
    counted = paragraph(f"{', '.join(counts(report))}.")
    return [heading(2, "The checklist before a run"), counted, table(_CHECKLIST, rows)]


def counts(report: Report) -> list[str]:
    """Say how many items are in each state that occurs: "9 passed"."""
    states = [item.status for item in report.checklist]
    return [f"{states.count(status)} {CHECKLIST[status]}" for status in ChecklistStatus if status in states]


def needs(report: Report) -> list[Block]:
    """The figures of a run to come, each with its parts; nothing after a run, and where nothing is known."""
    if not report.checklist or not needs_in_words(report.needs):
        return []
    lines = [needs_in_words(report.needs), *report.needs.because]
    return [heading(2, "What the run needs"), *items([capital(f"{each}.") for each in lines], numbered=False)]


def needs_in_words(found: Needs) -> str:
    """Say in a line what a run takes; "" where no figure is known."""
    counted = {name: each for name, each in found.passes_per_expert.items() if each is not None}
    passes = [f"{figure(each, Kind.OTHER)} {name}" for name, each in counted.items()]
    band = f"{found.vram_gb[0]:.0f} to {found.vram_gb[1]:.0f} GB of GPU" if found.vram_gb is not None else ""
    parts = [
        f"{size(found.disk_bytes)} of disk" if found.disk_bytes is not None else "",
        f"{band} ({found.fits})" if band and found.fits else band,
        f"{found.hours[0]:.1f} to {found.hours[1]:.1f} hours" if found.hours is not None else "",
        f"passes over the data: {', '.join(passes)}" if passes else "",
    ]
    return ", ".join(filter(None, parts))
