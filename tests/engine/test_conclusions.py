from __future__ import annotations

from collections.abc import Callable

from diagnose.core.values import Fact, Place, Quality, Stage
from diagnose.engine.conclusions import MAX_PLACES, conclude
from diagnose.engine.inference import Firing, Gap
from diagnose.engine.matcher import Verdicts
from diagnose.engine.plan import Plan, plan_all
from diagnose.rulebase.rule import EACH, Rule


def fired(rule: str, subject: str, *lines: int) -> Firing:
    facts = (Fact(f"f{line}", subject, 1.0, places=(Place("a.yaml", line), Place("a.yaml", 0))) for line in lines)
    return Firing(rule, subject, tuple((fact.name, fact) for fact in facts), (), Stage.SYMPTOM)


def plans(make_rule: Callable[..., Rule]) -> tuple[Plan, ...]:
    return plan_all([make_rule("a", derives=("weak", "slow")), make_rule("b", derives=("weak",))])


def test_two_firings_of_one_conclusion_make_one_fact_with_the_places_of_both(
    make_rule: Callable[..., Rule],
) -> None:
    settled = conclude(plans(make_rule), Verdicts(firings=[fired("a", "high", 1, 2), fired("b", "high", 2, 3)]))
    assert [(fact.key, fact.value) for fact in settled] == [(("weak", "high"), True), (("slow", "high"), True)]
    assert [place.line for place in settled[0].places] == [1, 0, 2, 3]


def test_places_are_at_most_eight(make_rule: Callable[..., Rule]) -> None:
    settled = conclude(plans(make_rule), Verdicts(firings=[fired("b", "high", *range(1, 20))]))
    assert len(settled[0].places) == MAX_PLACES


def test_a_gap_leaves_open_what_nobody_concluded(make_rule: Callable[..., Rule]) -> None:
    gap = Gap("b", "high", (("rate", "high"), ("loss", "run")))
    (weak,) = conclude(plans(make_rule), Verdicts(gaps=[gap]))
    assert (weak.key, weak.value, weak.quality) == (("weak", "high"), None, Quality.UNKNOWN)
    assert weak.note == "rule b was not evaluated; it lacks rate (high), loss (run)"
    (weak, _) = conclude(plans(make_rule), Verdicts(firings=[fired("a", "high")], gaps=[gap]))
    assert weak.value is True


def test_a_rule_without_subjects_leaves_its_conclusions_open_for_everyone(make_rule: Callable[..., Rule]) -> None:
    settled = conclude(plans(make_rule), Verdicts(gaps=[Gap("b", EACH, (("rate", EACH),))]))
    assert [(fact.key, fact.value) for fact in settled] == [(("weak", EACH), None)]


def test_what_is_known_not_to_hold_is_false(make_rule: Callable[..., Rule]) -> None:
    settled = conclude(plans(make_rule), Verdicts(silent=[("b", "low")]))
    assert settled == (Fact("weak", "low", value=False),)
    (weak,) = conclude(plans(make_rule), Verdicts(silent=[("b", "low")], gaps=[Gap("b", "low", (("rate", "low"),))]))
    assert not weak.known
