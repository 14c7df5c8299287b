"""Two runs in place of one: a table with a column for each, names, and what to know."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.report.sections.two_runs import about_pairs, two_runs
from diagnose.rulebase.knowledge import PlanItem
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.next_config import ExpertConfig


def change(path: str, old: float | bool | None, new: float | bool | None, op: ChangeOp = ChangeOp.SET) -> Change:
    return Change(path, op, old, new, "so it is", (), Applicability.REVIEW, ())


def pair(name: str | None = "wave") -> list[ExpertConfig]:
    snr = change("train.min_snr_gamma", 5, None, ChangeOp.REMOVE)
    rate = change("train.lr", 1e-4, 2.5e-5)
    both = {expert: name and f"{name}_{expert.value}" for expert in Expert}
    return [
        ExpertConfig(Expert.HIGH, both[Expert.HIGH], (snr,), "text", "diff"),
        ExpertConfig(Expert.LOW, both[Expert.LOW], (snr, rate), "text", "diff"),
    ]


def test_each_run_has_a_column() -> None:
    (table,) = two_runs(pair())
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert head[2:4] == ["To, for the high-noise expert", "To, for the low-noise expert"]
    assert [row[:4] for row in rows] == [
        ["`train.min_snr_gamma`", "`5`", "removed", "removed"],
        ["`train.lr`", "`1e-4`", "as it is", "`2.5e-5`"],
    ]


def test_a_missing_name_is_asked_for() -> None:
    _, asked = two_runs(pair(name=None))
    assert "one of its own" in asked


def test_what_to_know_is_of_pairs_alone() -> None:
    items = (PlanItem("stop", "Stop.", ("STOP-01",)), PlanItem("split", "Untested.", ("SEQ-01",)))
    assert about_pairs(items) == ["**One expert at a time: what to know.**", "- Untested. (SEQ-01)"]
    assert about_pairs(items[:1]) == []
