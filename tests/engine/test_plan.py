from __future__ import annotations

from collections.abc import Callable

import pytest

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Stage
from diagnose.engine.plan import plan_all
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Reference, Rule, Test

MakeRule = Callable[..., Rule]

RATE = Condition("rate", "high", (), "rate")
LOSS = Condition("loss", "run", (Test(Op.GT, 1.0),), "loss")
HIGHER = Test(Op.GT, Reference("rate", 2.0))


def test_rules_are_ordered_by_stage_then_id(make_rule: MakeRule) -> None:
    rules = [
        make_rule("b", stage=Stage.REMEDY),
        make_rule("c"),
        make_rule("a", stage=Stage.CAUSE),
        make_rule("b0"),
    ]
    assert [plan.rule for plan in plan_all(rules)] == ["b0", "c", "a", "b"]


def test_an_id_used_twice_is_an_error(make_rule: MakeRule) -> None:
    with pytest.raises(EngineError, match="rule id 'a' is used twice"):
        plan_all([make_rule("a"), make_rule("a", stage=Stage.CAUSE)])


def test_an_alias_used_twice_is_an_error(make_rule: MakeRule) -> None:
    with pytest.raises(EngineError, match="rule a: alias 'rate' is used twice"):
        plan_all([make_rule("a", when=(RATE,), unless=(RATE,))])


@pytest.mark.parametrize("alias", ["nothing", "other"])
def test_a_reference_names_a_condition_outside_alternatives(make_rule: MakeRule, alias: str) -> None:
    condition = Condition("loss", "run", (Test(Op.LT, Reference(alias)),), "loss")
    alternatives = AnyOf((Condition("rate", "run", (), "other"),))
    with pytest.raises(EngineError, match=f"rule a: no condition to refer to as '{alias}'"):
        plan_all([make_rule("a", when=(condition, alternatives))])


def test_evidence_is_when_then_applies_and_absences_name_their_subject(make_rule: MakeRule) -> None:
    each = Condition("each", EACH, (HIGHER,), "each")
    spare = Condition("spare", "low", (), "spare")
    (plan,) = plan_all([make_rule("a", applies=(LOSS,), when=(RATE, AnyOf((spare,))), unless=(each,))])
    loss, rate = Fact("loss", "run", 2.0), Fact("rate", "high", 1.0)
    firing = plan.firing("low", {"loss": loss, "rate": rate})
    assert firing.bound == (("rate", rate), ("loss", loss))
    assert firing.absent == (("each", "low"),)
