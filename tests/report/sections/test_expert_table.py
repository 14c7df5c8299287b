"""The experts' table shrinks to what is known."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.report.sections.expert_table import experts
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import ExpertFigures, LrRatio


def without(figures: ExpertFigures, *names: str) -> ExpertFigures:
    return replace(figures, **dict.fromkeys(names))


def test_what_neither_expert_has_is_named_below(failing: Report) -> None:
    pairs = tuple((e, without(f, "update_norm", "growth", "growth_window", "window")) for e, f in failing.experts)
    blocks = shown(experts(replace(failing, experts=pairs)))
    assert "Norm of the update" not in blocks[1]
    assert "Unknown for both experts: update norm (size of B·A); late growth of the magnitude." in blocks


def test_what_one_expert_lacks_is_said_in_its_cell(failing: Report) -> None:
    (high, first), low = failing.experts
    blocks = shown(experts(replace(failing, experts=((high, without(first, "lr_last", "magnitude")), low))))
    rows = {line.split("|")[1].strip(): line for line in blocks[1].splitlines()}
    assert "not logged" in rows["Learning rate, last logged"]
    assert "unknown" in rows["Weight magnitude"]


def test_the_ratio_goes_from_file_to_log(failing: Report) -> None:
    text = "\n".join(shown(experts(failing)))
    assert "1.35 in the log; 2.00 in the config, in effect; 1.41 in the log's median." in text
    unlogged = shown(experts(replace(failing, lr_ratio=LrRatio(2.0, None, None, None))))
    assert "2.00 in the config; not logged." in "\n".join(unlogged)
