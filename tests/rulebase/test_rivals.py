"""Rival explanations as values: what they read, and the user's thresholds in them."""

from __future__ import annotations

from diagnose.rulebase.rivals import Cost, Rival, RivalGrade, RivalTest, resettled
from diagnose.rulebase.rule import Condition, Op, Param, Test

OUT = Condition("run.steps", "run", (Test(Op.GT, 100, "most"),), "steps")
SUPPORTS = Condition("run.saves", "run", (Test(Op.LT, 3),), "saves")
RIVAL = Rival(
    id="too-short",
    explains={"rule": RivalTest("look", "Look at it.", Cost.LOOK)},
    title="a short run",
    says="The run was short.",
    ruled_out_by=((OUT,),),
    supported_by=((SUPPORTS,),),
    ask=None,
    grade=RivalGrade.REPORTED,
    references=("a thread",),
)


def test_what_rules_out_comes_before_what_supports() -> None:
    assert list(RIVAL.conditions) == [OUT, SUPPORTS]
    assert RIVAL.params == {"most"}


def test_tests_are_ordered_by_what_they_cost() -> None:
    assert sorted(Cost, key=lambda cost: cost.rank) == [Cost.LOOK, Cost.MINUTES, Cost.HOURS, Cost.RUN]


def test_the_users_threshold_takes_the_place_of_ours() -> None:
    found = resettled({"too-short": RIVAL}, {"most": Param("most", 250, "steps", "", None)})["too-short"]
    assert [test.operand for each in found.conditions for test in each.tests] == [250, 3]
