"""The page a person reads, as blocks: one screen for the few things that matter, depth behind it."""

from __future__ import annotations

from collections.abc import Callable

from diagnose.report.blocks import Block
from diagnose.report.sections.appendix import appendix, thresholds
from diagnose.report.sections.checkpoint_tables import checkpoints, keep
from diagnose.report.sections.config_tables import checklist, effective
from diagnose.report.sections.expert_table import experts
from diagnose.report.sections.finding_lists import first, good, other, worth_knowing
from diagnose.report.sections.inference_card import inference_card
from diagnose.report.sections.next_config_page import next_config, watching
from diagnose.report.sections.open_questions import supposed, uncertain
from diagnose.report.sections.opening import opening
from diagnose.report.sections.rates_to_come import forecast
from diagnose.report.sections.to_do import to_do
from diagnose.report.sections.weight_growth import growth, location
from diagnose.verdict.report import Report

SECTIONS: tuple[Callable[[Report], list[Block]], ...] = (
    opening,
    to_do,
    first,
    supposed,
    effective,
    checklist,
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


def page(report: Report) -> list[Block]:
    """Return the page. A section with nothing to say adds no block, not even its heading."""
    return [block for section in SECTIONS for block in section(report)]
