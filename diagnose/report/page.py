"""The page a person reads, as blocks: all of it, the few things that matter first; and the short one of a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diagnose.core.values import Severity
from diagnose.report.blocks import Block, heading, items, paragraph
from diagnose.report.sections.appendix import appendix, thresholds
from diagnose.report.sections.checkpoint_tables import best_checkpoints, checkpoints, keep
from diagnose.report.sections.config_tables import checklist, counts, effective, needs, needs_in_words
from diagnose.report.sections.expert_table import experts, experts_in_short, lr_ratio_in_words
from diagnose.report.sections.finding_lists import (
    behind,
    faults,
    first,
    good,
    how_sure,
    in_a_line,
    not_checked,
    other,
    titled,
    worth_knowing,
)
from diagnose.report.sections.inference_card import inference_card
from diagnose.report.sections.motion import answer, motion
from diagnose.report.sections.next_config_page import next_config, one_run, two_runs, watching
from diagnose.report.sections.open_questions import supposed, uncertain
from diagnose.report.sections.opening import opening
from diagnose.report.sections.rates_to_come import expected_ratios, forecast
from diagnose.report.sections.to_do import to_do
from diagnose.report.sections.weight_growth import growth, location
from diagnose.report.spans import Line, Piece, code, join, line, prose, sentence, strong
from diagnose.report.wording import SEVERITY, place
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Story

SECTIONS: tuple[Callable[[Report], list[Block]], ...] = (
    opening,
    to_do,
    first,
    supposed,
    effective,
    needs,
    checklist,
    motion,
    keep,
    inference_card,
    experts,
    growth,
    checkpoints,
    location,
    forecast,
    next_config,
    watching,
    other,
    worth_knowing,
    good,
    uncertain,
    thresholds,
    appendix,
)
"""In reading order."""
_MOST_ALIKE = 3
"""Further findings of one rule that are told in a comment."""


def page(report: Report) -> list[Block]:
    """Return the page. A section with nothing to say adds no block, not even its heading."""
    return [block for section in SECTIONS for block in section(report)]


def brief(report: Report) -> list[Block]:
    """Return the short page of a comment: every fault is on it, and all of them come before the first table."""
    return [*opening(report), *to_do(report), *_found(report), *_figures(report), *_next(report), *_rest(report)]


def _found(report: Report) -> list[Block]:
    """List the stories that ask for something, those of one rule as one, then what asks for nothing."""
    by_rule: dict[str, list[Story]] = {}
    for told in faults(report):
        by_rule.setdefault(told.head.rule, []).append(told)
    praise = (("What went well: ", Severity.GOOD), ("Worth knowing: ", Severity.INFO))
    named = [(lead, in_a_line(report, severity)) for lead, severity in praise]
    calm = items(line(lead, found, ".") for lead, found in named if found)
    return [
        heading(2, "What was found"),
        *(items((_told(*alike) for alike in by_rule.values()), numbered=True) or [paragraph("No fault.")]),
        *calm,
    ]


def _told(first: Story, *again: Story) -> Line:
    """Tell a story in one entry: the head with its evidence, how sure it is, and by title what belongs to it."""
    head = first.head
    source = next((place(fact.source) for fact in head.evidence if fact.source), ())
    members = [member for told in (first, *again) for member in told.members if member.title != head.title]
    rest = join("; ", (line(title, f" ({each.severity.value})") for each, title in titled(members)))
    others = [f"{len(again) - _MOST_ALIKE} more"] if len(again) > _MOST_ALIKE else []
    alike = join("; ", [*(prose(told.head.message.rstrip(".")) for told in again[:_MOST_ALIKE]), *others])
    return join(
        " ",
        [
            strong(SEVERITY[first.severity], ": ", sentence(head.title)),
            sentence(head.message),
            *behind(first),
            line("How sure: ", how_sure(head), "."),
            line("Where: ", source, ".") if source else (),
            line("Rule: ", code(head.name), "."),
            line("Also: ", alike, ".") if alike else (),
            line("Same story: ", rest, ".") if rest else (),
        ],
    )


def _figures(report: Report) -> list[Block]:
    """Show the experts side by side, or how a config does in the checklist."""
    best = best_checkpoints(report)
    ratio = "; ".join(filter(None, [lr_ratio_in_words(report.lr_ratio), expected_ratios(report.next.shown)]))
    needed = needs_in_words(report.needs) if report.checklist else ""
    lines: list[Piece] = [
        f"Needs: {needed}." if needed else "",
        f"LR ratio high/low: {ratio}." if ratio else "",
        f"Best checkpoints: {best}." if best else "",
        line("Motion: ", answer(report.motion)) if report.motion is not None else "",
    ]
    checklist = [paragraph(f"Checklist: {', '.join(counts(report))}.")] if report.checklist else []
    blocks = [*checklist, *experts_in_short(report), *(paragraph(each) for each in lines if each)]
    return [heading(2, "Figures"), *blocks] if blocks else []


def _next(report: Report) -> list[Block]:
    plan = report.next.shown
    if not plan.improves:
        return []
    two = bool(plan.configs)
    edits = two_runs(plan.configs, report.titles, reasons=False) if two else one_run(plan.written, reasons=False)
    return [heading(2, "The next config"), edits]


def _rest(report: Report) -> Iterator[Block]:
    unchecked = not_checked(report)
    if unchecked:
        yield paragraph(unchecked)
    yield paragraph("This is the short report: `--full` gives all of it, `--format html` a page with tables.")
