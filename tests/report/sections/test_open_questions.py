"""What is missing, grouped so that the list stays short."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.core.values import Place, Remark, Severity
from diagnose.report.sections.open_questions import MOST_REMARKS, awaited, supposed, uncertain
from diagnose.verdict.judgement import Supposed, Supposition
from diagnose.verdict.report import Report


def test_rules_that_wait_for_the_same_thing_share_a_line(failing: Report) -> None:
    lines = shown(uncertain(failing))[2].splitlines()
    assert lines == [
        "- Add **the previews (samples/)** to check `motion-degraded`, `motion-weak-from-start`.",
        "- Add **the data set** to check `caption-missing`.",
        "- `trained-too-short`: its thresholds are for motion only.",
    ]


def test_the_most_awaited_comes_first_and_further_needs_are_named(unknown: Report) -> None:
    assert [(need, len(rules)) for need, rules in awaited(unknown)] == [
        ("a metrics_*.jsonl, loss_log.db or console output", 2),
        ("the checkpoints", 1),
        ("", 1),
    ]
    assert "`high-noise-too-weak` (also a metrics" in shown(uncertain(unknown))[2]


def test_validity_and_unread_files_are_listed(failing: Report) -> None:
    blocks = shown(uncertain(failing))
    assert "- The layer widths are those of WAN 2.2 A14B, on which the thresholds were read." in blocks
    assert "- `loss_log.db`: the database is locked; it was copied without its last rows" in blocks


def test_a_flood_of_remarks_is_cut_visibly(failing: Report) -> None:
    remarks = tuple(Remark(Place("log", line=line), "odd") for line in range(1, MOST_REMARKS + 6))
    lines = shown(uncertain(replace(failing, unread=remarks)))[-1].splitlines()
    assert len(lines) == MOST_REMARKS + 1
    assert lines[-1] == "- and 5 more, in the JSON report"


def test_certainty_needs_no_section(healthy: Report) -> None:
    assert shown(uncertain(replace(healthy, run=replace(healthy.run, validity=())))) == []


TOO_SMALL = Supposed("lr-ratio-too-small", "LRN001", Severity.MAJOR, "A title", "The ratio is 1.00.")


def test_each_answer_has_its_list(healthy: Report) -> None:
    answers = (Supposition(("motion",), (TOO_SMALL,)), Supposition(("character", "style"), ()))
    heading, _, motion, lines, other = shown(supposed(replace(healthy, suppositions=answers)))
    assert heading == "## What depends on the intent"
    assert motion == "For **motion**, also:"
    assert lines == "- **Major** · The ratio is 1.00. (`lr-ratio-too-small`)"
    assert other == "For **character** or **style**: nothing more is found."


def test_a_known_intent_needs_no_section(healthy: Report) -> None:
    assert shown(supposed(healthy)) == []
