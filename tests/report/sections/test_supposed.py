"""The findings that hang on the intent."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Severity
from diagnose.report.sections.supposed import supposed
from diagnose.verdict.judgement import Supposed, Supposition
from diagnose.verdict.report import Report

TOO_SMALL = Supposed("lr-ratio-too-small", "LRN001", Severity.MAJOR, "A title", "The ratio is 1.00.")


def test_each_answer_has_its_list(healthy: Report) -> None:
    answers = (Supposition(("motion",), (TOO_SMALL,)), Supposition(("character", "style"), ()))
    heading, _, motion, lines, other = supposed(replace(healthy, suppositions=answers))
    assert heading == "## What hangs on the intent"
    assert motion == "If it is **motion**, this is found besides:"
    assert lines == "- **Major** · The ratio is 1.00. (`lr-ratio-too-small`)"
    assert other == "If it is **character** or **style**: nothing more is found."


def test_a_known_intent_needs_no_section(healthy: Report) -> None:
    assert supposed(healthy) == []
