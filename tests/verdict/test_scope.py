"""Before a run nobody is asked for what only a run can give, and no rule about one counts as passed."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import reading

from diagnose import Report, preflight
from diagnose.settings import Settings, rule_base
from diagnose.verdict.scope import needs_a_run

RULES = {rule.name: rule for rule in rule_base(Settings()).rules}


@pytest.mark.parametrize(
    ("rule", "lacking", "expected"),
    [
        ("weight-ratio-too-low", ["weights.ratio"], True),
        ("per-expert-lr-not-in-effect", ["effective.per_expert_keys"], False),
        ("lr-not-adapting", ["effective.lr_adapts", "log.lr_frozen"], False),  # one of them is enough
        ("rates-stand-against-settings", ["effective.lr_moves", "log.lr_frozen"], True),  # both are needed
    ],
)
def test_what_only_a_run_can_give(rule: str, lacking: list[str], expected: bool) -> None:
    assert needs_a_run(RULES[rule], lacking) is expected


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """A config that does not show its trainer."""
    reading(tmp_path, train={"optimizer": "adamw", "lr": 1e-4, "steps": 2000}, model={"arch": "wan22_14b_i2v"})
    return preflight(tmp_path / "config.yaml")


def test_rules_about_log_and_weights_are_neither_passed_nor_waiting(report: Report) -> None:
    names = {each.name for each in report.passed} | {each.name for each in report.not_evaluated}
    assert not names & {
        "rates-move-against-settings",
        "rate-moves-too-fast",
        "expert-steps-missing",
        "rank-differs-from-config",
    }
    assert not names & {"lr-pinned-at-bound", "alpha-phase-held-by-loss-variation"}


def test_nobody_is_asked_for_a_log_or_checkpoints(report: Report) -> None:
    asked = {need for each in report.not_evaluated for need in each.needs}
    assert asked
    assert not [need for need in asked if any(word in need for word in ("log", "checkpoint", "console", "metrics"))]
    names = {each.name for each in report.not_evaluated}
    assert not names & {"training-diverged", "config-and-run-disagree", "ended-before-a-save"}


def test_rules_that_the_trainer_decides_still_wait(report: Report) -> None:
    assert "wrong-boundary" in {each.name for each in report.not_evaluated}
