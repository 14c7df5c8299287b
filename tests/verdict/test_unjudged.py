"""A run that broke says nothing of its balance: that is not judged, and the report says so."""

from __future__ import annotations

from typing import Any

from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose import Settings
from diagnose.core.values import Confidence, Fact, Severity, Stage
from diagnose.engine.inference import Gap, Inference, OutOfRange
from diagnose.rulebase.rule import Condition, Rule
from diagnose.settings import rule_base
from diagnose.verdict.judgement import Finding, Passed
from diagnose.verdict.unjudged import not_evaluated, passed, without_held_back

RULES = {rule.id: rule for rule in rule_base(Settings()).rules}
BY_NAME = {rule.name: rule for rule in RULES.values()}


def found(name: str) -> Finding:
    return Finding(
        name=name, rule=BY_NAME[name].id, subject="run", severity=Severity.MAJOR, confidence=Confidence.HIGH, title=name,
        message=f"{name} says so", why="", claims=(), params=(), evidence=(), chain=(), explains=(), known_problems=(),
        changes=(),
    )  # fmt: skip


def test_a_divergence_holds_back_balance_strength_and_length() -> None:
    about_it = ("lr-ratio-too-small", "high-noise-too-weak", "trained-too-short")
    others = ("training-diverged", "lora-scale-mismatch")
    findings = tuple(map(found, (*others, *about_it)))
    sound = (Passed("weight-ratio-too-low", BY_NAME["weight-ratio-too-low"].id, "", ()),)
    kept, passed, held = without_held_back(findings, sound, RULES)
    assert tuple(each.name for each in kept) == others
    assert passed == (), "a rule that is silent on a broken run has not passed"
    assert {each.name for each in held} == set(about_it)
    assert {each.reason for each in held} == {"not judged, because the run broke: training-diverged says so"}


def test_what_weights_hint_at_yields_to_the_motion_that_was_measured() -> None:
    hints = ("low-noise-overpowering", "low-noise-grows-faster", "weight-ratio-too-low", "growth-inconclusive")
    others = ("motion-consistent", "lr-ratio-too-small", "high-noise-too-weak")
    kept, _, held = without_held_back(tuple(map(found, (*others, *hints))), (), RULES)
    assert tuple(each.name for each in kept) == others
    assert {each.name for each in held} == set(hints)
    assert {each.reason for each in held} == {"not judged, because it was measured itself: motion-consistent says so"}


def test_a_fall_that_was_measured_leaves_what_the_weights_hint_at() -> None:
    findings = tuple(map(found, ("motion-degraded", "low-noise-overpowering")))
    assert without_held_back(findings, (), RULES) == (findings, (), ())


def test_nothing_is_held_back_where_nothing_broke() -> None:
    findings = (found("lr-ratio-too-small"), found("trained-too-long"))
    assert without_held_back(findings, (), RULES) == (findings, (), ())


def test_every_topic_that_is_held_back_is_stated_by_the_rules_about_it() -> None:
    held = {topic for rule in RULES.values() for topic in rule.holds_back}
    assert held == {"balance", "strength", "length", "too_short", "balance_by_weights", "strength_by_weights"}
    assert held <= {rule.topic for rule in RULES.values()}


FAULT = replace(
    BLANK_RULE, id="A", name="a", title="A", severity=Severity.MAJOR, when=(Condition("log.a", "run", (), "a"),)
)
GOOD, REMEDY = replace(FAULT, id="B", severity=Severity.GOOD), replace(FAULT, id="C", severity=None, stage=Stage.REMEDY)
BASE = rule_base(Settings())


def inferred(*rules: Rule, **more: Any) -> tuple[dict[str, Rule], Inference]:
    nothing = Inference((), (), (), (), (), ())
    return {rule.id: rule for rule in rules}, replace(nothing, **more)


def test_what_looked_for_a_fault_and_is_silent_has_passed() -> None:
    silent = (("A", "high"), ("A", "low"), ("B", "run"), ("C", "run"))
    rules, inference = inferred(FAULT, GOOD, REMEDY, silent=silent)
    assert [each.rule for each in passed(rules, inference, ())] == ["A"]
    fired = replace(found("trained-too-long"), rule="A")
    assert passed(rules, inference, (fired,)) == (), "silent for one expert, and fired for the other"


def test_who_lacks_a_fact_says_what_to_provide_and_nobody_waits_for_praise() -> None:
    lacks = [Gap(id_, "run", ((fact, "run"),)) for id_ in "ABC" for fact in ("lr.ratio", "symptom.x")]
    maker = replace(FAULT, id="D", derives=("symptom.x",))
    other = replace(FAULT, id="E", derives=("symptom.y",))
    gaps = (*lacks, Gap("D", "run", (("weights.magnitude", "high"),)), Gap("E", "run", (("dataset.files", "a"),)))
    rules, inference = inferred(FAULT, GOOD, REMEDY, maker, other, gaps=gaps)
    first, *rest = not_evaluated(rules, inference, BASE)
    provide = {name: BASE.knowledge.facts[name].provide for name in ("lr.ratio", "weights.magnitude")}
    assert (first.rule, first.facts) == ("A", ("lr.ratio", "symptom.x"))
    assert first.needs == (provide["lr.ratio"], provide["weights.magnitude"])
    assert [each.rule for each in rest] == ["D", "E"]


def test_out_of_its_validity_a_rule_says_what_does_not_hold() -> None:
    fact = Fact("weights.comparable", "run", value=False, note="a LoKr")
    scope = Fact("run.intent", "run", "style")
    condition = FAULT.when[0]
    assert isinstance(condition, Condition)
    out = tuple(OutOfRange(id_, "run", condition, each) for id_ in "ABC" for each in (fact, scope))
    rules, inference = inferred(FAULT, GOOD, REMEDY, out_of_range=out)
    [told] = not_evaluated(rules, inference, BASE)
    assert told.rule == "A"
    assert told.reason.startswith("outside its validity: it does not hold that ")
    assert told.reason.endswith(" (a LoKr)")
