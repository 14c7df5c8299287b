from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Quality, Stage
from diagnose.engine.infer import infer
from diagnose.engine.inference import Firing, Gap
from diagnose.engine.matcher import match
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Plan
from diagnose.engine.stages import run_stages
from diagnose.rulebase.rule import EACH, Condition, Op, Rule, Shown, Test

MakeRule = Callable[..., Rule]

LOW_RATE = Condition("rate", EACH, (Test(Op.LT, 1e-05),), "rate")
FACTS = [Fact("rate", "high", 5e-06), Fact("rate", "low", 2e-05)]


def chain(make_rule: MakeRule) -> list[Rule]:
    weak = Condition("weak", "high", (), "weak")
    strong = Condition("weak", "low", (), "strong")
    cause = Condition("cause", "run", (), "cause")
    return [
        make_rule("symptom", when=(LOW_RATE,), derives=("weak",)),
        make_rule("cause", stage=Stage.CAUSE, when=(weak,), unless=(strong,), derives=("cause",)),
        make_rule("remedy", stage=Stage.REMEDY, when=(cause,), derives=("done",)),
    ]


def test_conclusions_are_read_by_later_stages(make_rule: MakeRule) -> None:
    inference = run_stages(chain(make_rule), FACTS, engine="matcher", note="why")
    assert [(firing.rule, firing.subject) for firing in inference.firings] == [
        ("symptom", "high"),
        ("cause", "run"),
        ("remedy", "run"),
    ]
    assert [fact.key for fact in inference.conclusions] == [("weak", "high"), ("cause", "run"), ("done", "run")]
    assert inference.silent == (("symptom", "low"),)
    assert (inference.engine, inference.engine_note) == ("matcher", "why")


def test_an_unknown_conclusion_keeps_later_rules_from_being_evaluated(make_rule: MakeRule) -> None:
    inference = run_stages(chain(make_rule), [], engine="matcher")
    assert inference.gaps == (
        Gap("symptom", EACH, (("rate", EACH),)),
        Gap("cause", "run", (("weak", "high"), ("weak", "low"))),
        Gap("remedy", "run", (("cause", "run"),)),
    )
    assert inference.conclusions == ()


def test_a_conclusion_is_not_read_in_its_own_stage(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", when=(Condition("weak", "high", (), "weak"),)),
    ]
    assert run_stages(rules, FACTS, engine="matcher").gaps == (Gap("b", "run", (("weak", "high"),)),)


def test_a_refuted_conclusion_gives_later_rules_its_subjects(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", stage=Stage.CAUSE, when=(Condition("weak", EACH, (), "weak"),)),
    ]
    inference = run_stages(rules, [Fact("rate", "low", 1.0)], engine="matcher")
    assert inference.silent == (("a", "low"), ("b", "low"))


def firings(plans: Sequence[Plan], memory: Memory) -> tuple[Firing, ...]:
    return tuple(match(plans, memory).firings)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda plans, memory: firings(plans, memory)[1:], "the engine misses rule a for high on rate"),
        (lambda plans, memory: firings(plans, memory)[::-1], "the engine's firings are out of order"),
        (
            lambda plans, memory: (*firings(plans, memory), plans[0].firing("nobody", {})),
            "the engine fires rule a for nobody on nothing",
        ),
    ],
)
def test_an_engine_that_disagrees_with_the_logic_is_an_error(
    make_rule: MakeRule, wrong: Callable[[Sequence[Plan], Memory], tuple[Firing, ...]], message: str
) -> None:
    rule = make_rule("a", when=(Condition("rate", EACH, (), "rate"),))
    assert len(run_stages([rule], FACTS, engine="right", fire=firings).firings) == 2
    with pytest.raises(EngineError, match=message):
        run_stages([rule], FACTS, engine="wrong", fire=wrong)


SLOW = Condition("slow", EACH, (), "slow")
WEAK = Condition("weak", EACH, (), "weak")


def test_what_nobody_could_be_tried_for_is_open_for_any_subject(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", stage=Stage.CAUSE, when=(WEAK, SLOW)),
        make_rule("c", stage=Stage.CAUSE, when=(WEAK,), derives=("cause",)),
        make_rule("d", stage=Stage.REMEDY, when=(Condition("cause", "datasets[0]", (), "cause"),)),
    ]
    inference = run_stages(rules, [Fact("slow", "datasets[0]", value=True)], engine="matcher")
    assert inference.gaps == (
        Gap("a", EACH, (("rate", EACH),)),
        Gap("b", "datasets[0]", (("weak", "datasets[0]"),)),
        Gap("c", EACH, (("weak", EACH),)),
        Gap("d", "run", (("cause", "datasets[0]"),)),
    )
    assert inference.silent == ()
    assert [(fact.key, fact.known) for fact in inference.left_open] == [
        (("weak", EACH), False),
        (("cause", EACH), False),
    ]


def test_a_rule_that_fires_for_some_stays_open_for_those_its_conclusion_may_hold_for_yet(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", when=(Condition("loss", EACH, (), "loss"),), derives=("weak",)),
        make_rule("c", stage=Stage.CAUSE, when=(WEAK,), derives=("cause",)),
    ]
    inference = run_stages(rules, [Fact("rate", "high", 5e-06)], engine="matcher")
    assert [(each.rule, each.subject) for each in inference.firings] == [("a", "high"), ("c", "high")]
    assert [(gap.rule, gap.subject) for gap in inference.gaps] == [("b", EACH), ("c", EACH)]


def test_what_is_known_of_everyone_is_false_of_any_subject(make_rule: MakeRule) -> None:
    ended = Condition("ended", "run", (Test(Op.IS, operand=True),), "ended")
    rules = [
        make_rule("a", when=(LOW_RATE, ended), derives=("weak",)),
        make_rule("b", stage=Stage.CAUSE, when=(WEAK,)),
    ]
    inference = run_stages(rules, [Fact("ended", "run", value=False)], engine="matcher")
    assert inference.silent == (("a", EACH), ("b", EACH))
    assert inference.left_open == ()


SHOWN = (Shown("rate", EACH, "again"), Shown("steps", "run", "steps"), Shown("phase", "run"))


def test_a_firing_has_what_its_rule_shows_as_far_as_it_is_known(make_rule: MakeRule) -> None:
    rule = replace(make_rule("symptom", when=(LOW_RATE,)), show=SHOWN)
    phase = Fact("phase", "run", "second")
    unknown = Fact("steps", "run", None, quality=Quality.UNKNOWN)
    for facts in (FACTS, [*FACTS, unknown]):
        [firing] = run_stages([rule], [*facts, phase], engine="matcher").firings
        assert firing.shown == (("again", FACTS[0]), (None, phase))
        assert firing.values == {"rate": FACTS[0], "again": FACTS[0]}
    [firing] = run_stages([rule], [*FACTS, Fact("steps", "run", 3)], engine="matcher").firings
    assert firing.values["steps"].value == 3


@pytest.mark.usefixtures("c_engine")
@pytest.mark.parametrize("known", [(), (Fact("steps", "run", 3), Fact("phase", "run", "second"))])
def test_what_is_shown_decides_nothing_in_either_engine(make_rule: MakeRule, known: tuple[Fact, ...]) -> None:
    plain = chain(make_rule)
    rules = [replace(rule, show=SHOWN[1:]) for rule in plain]
    facts = [*FACTS, *known]
    durable = infer(rules, facts, engine="durable")
    assert durable.firings == infer(rules, facts, engine="matcher").firings
    assert [replace(firing, shown=()) for firing in durable.firings] == list(infer(plain, facts).firings)
