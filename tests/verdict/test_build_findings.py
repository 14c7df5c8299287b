"""The evidence of a finding: what the rule bound, then what it shows besides where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnose.core.model import Fact, Place, Quality
from diagnose.engine.infer import infer
from diagnose.rulebase.rule import Rule, Shown
from diagnose.settings import Settings, rule_base
from diagnose.verdict.build_findings import build_findings
from diagnose.verdict.judgement import Finding

BASE = rule_base(Settings())
RULE = next(rule for rule in BASE.rules if rule.name == "lr-pinned-at-bound")
CONFIG, LOG = Place("config.yaml", line=3), Place("metrics_job.jsonl", line=7, step=6)
FACTS = (
    Fact("config.optimizer", "run", "automagic", places=(CONFIG,)),
    Fact("log.lr_last", "high", 3e-4, places=(LOG,)),
    Fact("log.lr_at_ceiling", "high", 1.0, places=(LOG,)),
    Fact("log.lr_at_ceiling", "low", 0.5, places=(LOG,)),
)
CEILINGS = (
    Fact("effective.lr_max", "high", 3e-4, places=(CONFIG,)),
    Fact("effective.lr_max", "low", 1e-4, places=(CONFIG,)),
)


def found(show: Sequence[Shown], *more: Fact) -> Finding:
    rule: Rule = replace(RULE, show=tuple(show))
    inference = infer([rule], (*FACTS, *more), engine="matcher")
    (finding,) = build_findings({rule.id: rule}, inference.firings, BASE.knowledge, ())
    return finding


def shown(finding: Finding) -> list[tuple[str, str]]:
    return [(each.fact, each.subject) for each in finding.evidence]


BOUND = [("config.optimizer", "run"), ("log.lr_at_ceiling", "high")]


def test_a_known_fact_stands_after_what_the_rule_bound() -> None:
    finding = found([Shown("effective.lr_max", "each")], *CEILINGS)
    assert shown(finding) == [*BOUND, ("effective.lr_max", "high")]
    assert finding.evidence[-1].source == CONFIG


def test_a_named_subject_is_shown_whatever_the_rule_fired_for() -> None:
    assert shown(found([Shown("effective.lr_max", "low")], *CEILINGS)) == [*BOUND, ("effective.lr_max", "low")]


def test_an_unknown_fact_changes_nothing() -> None:
    unknown = Fact("effective.lr_max", "high", None, quality=Quality.UNKNOWN)
    for facts in ((), (unknown,)):
        finding = found([Shown("effective.lr_max", "each")], *facts)
        assert shown(finding) == BOUND
        assert replace(finding, evidence=()) == replace(found([]), evidence=())


def test_what_is_bound_is_shown_once() -> None:
    assert shown(found([Shown("log.lr_at_ceiling", "each")])) == BOUND


def test_what_is_only_shown_caps_nothing_with_few_samples() -> None:
    ratio = Fact("lr.ratio", "run", 3.0, quality=Quality.ESTIMATED, places=(LOG,), samples=2)
    assert found([Shown("lr.ratio", "run")], ratio).capped is None
