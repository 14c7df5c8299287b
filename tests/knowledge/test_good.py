"""Signs of good progress and lessons: what facts can decide has a rule, what only a data set shows is in the plan."""

from __future__ import annotations

import pytest
from trainer_names import BOTH

from diagnose.core.values import Fact, Scalar, Severity
from diagnose.engine.infer import infer
from diagnose.rulebase.walk import conditions
from diagnose.settings import Settings, rule_base
from diagnose.verdict.scope import scoped

BASE = rule_base(Settings())
GOOD = [rule for rule in BASE.rules if rule.severity is Severity.GOOD]
WORKED = ["LES-01", "LES-02", "LES-03", "LES-04"]
SIGNS = [claim for claim in BASE.knowledge.claims if claim.startswith("GOOD-")]


def praised(claim: str) -> bool:
    return any(claim in rule.claims for rule in GOOD)


def planned(claim: str) -> bool:
    return any(claim in item.claims for part in ("good", "keep") for item in BASE.knowledge.plan[part])


@pytest.mark.parametrize("claim", [*SIGNS, *WORKED])
def test_what_facts_decide_has_a_rule_and_the_rest_is_in_the_plan(claim: str) -> None:
    needs = set(BASE.knowledge.claims[claim].needs)
    assert praised(claim) is not ("dataset" in needs)
    assert praised(claim) or planned(claim)


def test_every_sign_of_good_progress_is_in_the_plan() -> None:
    assert all(planned(claim) for claim in SIGNS)


@pytest.mark.parametrize("comparable", [True, False, None])
def test_on_another_network_no_strength_is_praised(comparable: bool | None) -> None:
    values: dict[str, Scalar] = {"run.intent": "motion", "weights.ratio": 1.9}
    values["run.another_model"] = False
    facts = [Fact(name, "run", value) for name, value in values.items()]
    facts += [Fact("weights.comparable", "run", comparable)] if comparable is not None else []
    fired = {each.rule for each in infer([scoped(rule, BOTH) for rule in GOOD], facts, engine="matcher").firings}
    assert ("GOD005" in fired) is (comparable is True)


def test_every_praise_of_the_weights_asks_whether_they_compare() -> None:
    reading = [rule for rule in GOOD if any(name.startswith("weights.") for name in facts_of(rule.id))]
    assert reading
    assert all("weights.comparable" in facts_of(rule.id) for rule in reading)


def facts_of(rule: str) -> set[str]:
    own = next(each for each in GOOD if each.id == rule)
    return {each.condition.fact for each in conditions(own)} | {each.fact for each in own.show}
