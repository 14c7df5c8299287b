from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec.structs import replace

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Place, Quality, Stage
from diagnose.engine.infer import infer
from diagnose.engine.inference import MATCHER, Firing, Gap
from diagnose.engine.matcher import Verdicts, match
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Plan, plan_all
from diagnose.engine.stages import MAX_PLACES, SecondReader, conclude, run_stages
from diagnose.rulebase.rule import EACH, Condition, Op, Rule, Shown, Test

MakeRule = Callable[..., Rule]

HOLDS = (Test(Op.IS, operand=True),)
LOW_RATE = Condition("rate", EACH, (Test(Op.LT, 1e-05),), "rate")
FACTS = [Fact("rate", "high", 5e-06), Fact("rate", "low", 2e-05)]


def chain(make_rule: MakeRule) -> list[Rule]:
    weak = Condition("weak", "high", HOLDS, "weak")
    strong = Condition("weak", "low", HOLDS, "strong")
    cause = Condition("cause", "run", HOLDS, "cause")
    return [
        make_rule("symptom", when=(LOW_RATE,), derives=("weak",)),
        make_rule("cause", stage=Stage.CAUSE, when=(weak,), unless=(strong,), derives=("cause",)),
        make_rule("remedy", stage=Stage.REMEDY, when=(cause,), derives=("done",)),
    ]


def test_conclusions_are_read_by_later_stages(make_rule: MakeRule) -> None:
    inference = run_stages(plan_all(chain(make_rule)), FACTS)
    assert [(firing.rule, firing.subject) for firing in inference.firings] == [
        ("symptom", "high"),
        ("cause", "run"),
        ("remedy", "run"),
    ]
    assert [fact.key for fact in inference.conclusions] == [("weak", "high"), ("cause", "run"), ("done", "run")]
    assert inference.silent == (("symptom", "low"),)
    assert (inference.engine, inference.engine_note) == (MATCHER, "")


def test_an_unknown_conclusion_keeps_later_rules_from_being_evaluated(make_rule: MakeRule) -> None:
    inference = run_stages(plan_all(chain(make_rule)), [])
    assert inference.gaps == (
        Gap("symptom", EACH, (("rate", EACH),)),
        Gap("cause", "run", (("weak", "high"), ("weak", "low"))),
        Gap("remedy", "run", (("cause", "run"),)),
    )
    assert inference.conclusions == ()


def test_a_conclusion_is_not_read_in_its_own_stage(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", when=(Condition("weak", "high", HOLDS, "weak"),)),
    ]
    assert run_stages(plan_all(rules), FACTS).gaps == (Gap("b", "run", (("weak", "high"),)),)


def test_a_refuted_conclusion_gives_later_rules_its_subjects(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", stage=Stage.CAUSE, when=(Condition("weak", EACH, HOLDS, "weak"),)),
    ]
    inference = run_stages(plan_all(rules), [Fact("rate", "low", 1.0)])
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
    right, other = SecondReader(firings), SecondReader(wrong)
    assert (
        run_stages(plan_all([rule]), FACTS, right)
        == run_stages(plan_all([rule]), FACTS, other)
        == run_stages(plan_all([rule]), FACTS)
    )
    right.hold()
    with pytest.raises(EngineError, match=message):
        other.hold()


def test_an_engine_that_could_not_take_a_stage_is_asked_no_more_and_the_matcher_goes_on(make_rule: MakeRule) -> None:
    asked = []

    def weary(plans: Sequence[Plan], _: Memory) -> Sequence[Firing]:
        asked.append(plans[0].rule)
        raise EngineError("too many facts")

    second = SecondReader(weary)
    assert len(run_stages(plan_all(chain(make_rule)), FACTS, second).firings) == 3
    assert asked == ["symptom"]
    with pytest.raises(EngineError, match="too many facts"):
        second.hold()


def test_an_engine_is_not_waited_for_before_it_is_held_to_the_matcher(make_rule: MakeRule) -> None:
    answered = []

    def slow(plans: Sequence[Plan], memory: Memory) -> Iterator[Firing]:
        found = firings(plans, memory)

        def later() -> Iterator[Firing]:
            answered.append(plans[0].rule)
            yield from found

        return later()

    second = SecondReader(slow)
    run_stages(plan_all(chain(make_rule)), FACTS, second)
    assert answered == []
    second.hold()
    assert answered == ["symptom", "cause", "remedy"]


SLOW = Condition("slow", EACH, HOLDS, "slow")
WEAK = Condition("weak", EACH, HOLDS, "weak")


def test_what_nobody_could_be_tried_for_is_open_for_any_subject(make_rule: MakeRule) -> None:
    rules = [
        make_rule("a", when=(LOW_RATE,), derives=("weak",)),
        make_rule("b", stage=Stage.CAUSE, when=(WEAK, SLOW)),
        make_rule("c", stage=Stage.CAUSE, when=(WEAK,), derives=("cause",)),
        make_rule("d", stage=Stage.REMEDY, when=(Condition("cause", "datasets[0]", HOLDS, "cause"),)),
    ]
    inference = run_stages(plan_all(rules), [Fact("slow", "datasets[0]", value=True)])
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
    inference = run_stages(plan_all(rules), [Fact("rate", "high", 5e-06)])
    assert [(each.rule, each.subject) for each in inference.firings] == [("a", "high"), ("c", "high")]
    assert [(gap.rule, gap.subject) for gap in inference.gaps] == [("b", EACH), ("c", EACH)]


def test_what_is_known_of_everyone_is_false_of_any_subject(make_rule: MakeRule) -> None:
    ended = Condition("ended", "run", (Test(Op.IS, operand=True),), "ended")
    rules = [
        make_rule("a", when=(LOW_RATE, ended), derives=("weak",)),
        make_rule("b", stage=Stage.CAUSE, when=(WEAK,)),
    ]
    inference = run_stages(plan_all(rules), [Fact("ended", "run", value=False)])
    assert inference.silent == (("a", EACH), ("b", EACH))
    assert inference.left_open == ()


SHOWN = (Shown("rate", EACH, "again"), Shown("steps", "run", "steps"), Shown("phase", "run"))


def test_a_firing_has_what_its_rule_shows_as_far_as_it_is_known(make_rule: MakeRule) -> None:
    rule = replace(make_rule("symptom", when=(LOW_RATE,)), show=SHOWN)
    phase = Fact("phase", "run", "second")
    unknown = Fact("steps", "run", None, quality=Quality.UNKNOWN)
    for facts in (FACTS, [*FACTS, unknown]):
        [firing] = run_stages(plan_all([rule]), [*facts, phase]).firings
        assert firing.shown == (("again", FACTS[0]), (None, phase))
        assert firing.values == {"rate": FACTS[0], "again": FACTS[0]}
    [firing] = run_stages(plan_all([rule]), [*FACTS, Fact("steps", "run", 3)]).firings
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


def fired(rule: str, subject: str, *lines: int) -> Firing:
    facts = (Fact(f"f{line}", subject, 1.0, places=(Place("a.yaml", line), Place("a.yaml", 0))) for line in lines)
    return Firing(rule, subject, tuple((fact.name, fact) for fact in facts), (), Stage.SYMPTOM)


def plans(make_rule: MakeRule) -> tuple[Plan, ...]:
    return plan_all([make_rule("a", derives=("weak", "slow")), make_rule("b", derives=("weak",))])


def test_two_firings_of_one_conclusion_make_one_fact_with_the_places_of_both(
    make_rule: MakeRule,
) -> None:
    settled = conclude(plans(make_rule), Verdicts(firings=[fired("a", "high", 1, 2), fired("b", "high", 2, 3)]))
    assert [(fact.key, fact.value) for fact in settled] == [(("weak", "high"), True), (("slow", "high"), True)]
    assert [place.line for place in settled[0].places] == [1, 0, 2, 3]


def test_places_are_at_most_eight(make_rule: MakeRule) -> None:
    settled = conclude(plans(make_rule), Verdicts(firings=[fired("b", "high", *range(1, 20))]))
    assert len(settled[0].places) == MAX_PLACES


def test_a_gap_leaves_open_what_nobody_concluded(make_rule: MakeRule) -> None:
    gap = Gap("b", "high", (("rate", "high"), ("loss", "run")))
    (weak,) = conclude(plans(make_rule), Verdicts(gaps=[gap]))
    assert (weak.key, weak.value, weak.quality) == (("weak", "high"), None, Quality.UNKNOWN)
    assert weak.note == "rule b was not evaluated; it lacks rate (high), loss (run)"
    (weak, _) = conclude(plans(make_rule), Verdicts(firings=[fired("a", "high")], gaps=[gap]))
    assert weak.value is True


def test_a_rule_without_subjects_leaves_its_conclusions_open_for_everyone(make_rule: MakeRule) -> None:
    settled = conclude(plans(make_rule), Verdicts(gaps=[Gap("b", EACH, (("rate", EACH),))]))
    assert [(fact.key, fact.value) for fact in settled] == [(("weak", EACH), None)]


def test_what_is_known_not_to_hold_is_false(make_rule: MakeRule) -> None:
    settled = conclude(plans(make_rule), Verdicts(silent=[("b", "low")]))
    assert settled == (Fact("weak", "low", value=False),)
    (weak,) = conclude(plans(make_rule), Verdicts(silent=[("b", "low")], gaps=[Gap("b", "low", (("rate", "low"),))]))
    assert not weak.known
