"""Firings to findings: how grave, how sure, on what evidence, with which changes, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.values import Confidence, Fact, Place, Quality, Severity, Stage
from diagnose.engine.infer import infer
from diagnose.engine.inference import Firing
from diagnose.rulebase.rule import Applicability, ChangeOp, Meaning, Param, Rule, Shown
from diagnose.settings import Settings, rule_base
from diagnose.verdict.build_findings import build_findings, grade, graded_severity, meanings
from diagnose.verdict.judgement import Change, Finding

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


RULES = {rule.name: rule for rule in BASE.rules}


def firing(rule: Rule, *bound: Fact, subject: str = "run") -> Firing:
    return Firing(rule.id, subject, tuple((fact.name, fact) for fact in bound), (), rule.stage)


def ratio(value: float, samples: int | None) -> Fact:
    quality = Quality.EXACT if samples is None else Quality.ESTIMATED
    return Fact("lr.ratio", "run", value, quality=quality, samples=samples)


@pytest.mark.parametrize(
    ("value", "samples", "severity", "capped"),
    [
        (1.35, 500, Severity.MAJOR, False),
        (1.35, None, Severity.MAJOR, False),
        (1.35, 3, Severity.MINOR, True),
        (2.5, 500, Severity.MINOR, False),
    ],
)
def test_severity_is_the_lesser_of_effect_and_evidence(
    value: float, samples: int | None, severity: Severity, capped: bool
) -> None:
    rule = RULES["lr-ratio-too-small"]
    severity_, capped_ = grade(rule, graded_by(rule, ratio(value, samples)), BASE.knowledge.facts)
    assert severity_ is severity
    assert (capped_ is not None) is capped


def test_a_grade_that_speaks_of_a_fact_the_rule_did_not_bind_is_passed_over() -> None:
    rule = RULES["one-expert-untrained"]
    known = {alias: Fact(alias, "run", "high") for alias in ("expert", "left_out")}
    assert graded_severity(rule, known) is Severity.INFO
    assert graded_severity(rule, known | {"needed": replace(known["expert"], value="high")}) is Severity.MINOR


def graded_by(rule: Rule, fact: Fact) -> Firing:
    return Firing(rule.id, "run", (("ratio", fact),), (), Stage.SYMPTOM)


DECLARED = BASE.knowledge.facts["lr.ratio"]
"""A fact on which a finding is critical from 100 observations on, and major from 20."""
GRAVE = replace(BLANK_RULE, id="GRV001", name="grave", severity=Severity.BLOCKER, title="Grave", message="It is.")


@pytest.mark.parametrize(
    ("samples", "severity"),
    [(None, "blocker"), (100, "blocker"), (99, "major"), (20, "major"), (19, "minor"), (0, "minor")],
)
def test_the_cap_begins_where_the_declaration_says(samples: int | None, severity: str) -> None:
    severity_, capped_ = grade(GRAVE, graded_by(GRAVE, ratio(1.0, samples)), BASE.knowledge.facts)
    assert severity_.value == severity
    assert capped_ == (None if severity == "blocker" else f"lr.ratio was read from {samples} values only")


@pytest.mark.parametrize(
    ("critical", "major", "severity"), [(None, 20, "minor"), (100, None, "major"), (None, None, "blocker")]
)
def test_a_declaration_may_cap_at_one_severity_alone(critical: int | None, major: int | None, severity: str) -> None:
    declared = replace(DECLARED, critical_samples=critical, major_samples=major)
    assert grade(GRAVE, graded_by(GRAVE, ratio(1.0, 5)), {"lr.ratio": declared})[0].value == severity
    assert grade(GRAVE, graded_by(GRAVE, ratio(1.0, 5)), {})[0] is Severity.BLOCKER


def test_the_scarcest_evidence_caps_and_is_named() -> None:
    few, fewer = ratio(1.0, 50), replace(ratio(1.0, 5), name="lr.ratio_least")
    for bound in ((few, fewer), (fewer, few)):
        severity_, capped_ = grade(GRAVE, firing(GRAVE, *bound), BASE.knowledge.facts)
        assert (severity_, capped_) == (Severity.MINOR, "lr.ratio_least was read from 5 values only")
    same = replace(few, name="lr.ratio_most")
    assert grade(GRAVE, firing(GRAVE, few, same), BASE.knowledge.facts)[1] == "lr.ratio was read from 50 values only"


def test_a_cap_that_changes_nothing_is_not_told() -> None:
    minor = replace(GRAVE, severity=Severity.MINOR)
    assert grade(minor, graded_by(minor, ratio(1.0, 5)), BASE.knowledge.facts)[1] is None


def test_a_rule_that_words_no_finding_has_no_severity() -> None:
    with pytest.raises(ValueError, match="words no finding"):
        graded_severity(BLANK_RULE, {})


SEEN = Fact("symptom.seen", "run", value=True)
SYMPTOM = replace(GRAVE, id="SYM001", name="seen", severity=Severity.MAJOR, derives=("symptom.seen",))
CAUSE = replace(GRAVE, id="CAU001", name="why", severity=Severity.MAJOR, stage=Stage.CAUSE)
REMEDY = replace(BLANK_RULE, id="REM001", name="mend", stage=Stage.REMEDY)


def built(
    *firings: Firing, changes: Sequence[Change] = (), rules: Sequence[Rule] = (SYMPTOM, CAUSE, REMEDY)
) -> list[Finding]:
    return list(build_findings({rule.id: rule for rule in rules}, firings, BASE.knowledge, changes))


def change_by(*rules: str) -> Change:
    return Change("train.steps", ChangeOp.SET, 1, 2, "so", (), Applicability.SAFE, rules)


def test_a_cause_stands_before_the_symptom_it_rests_on_and_explains_it() -> None:
    cause, symptom = built(firing(SYMPTOM), firing(CAUSE, SEEN))
    assert (cause.name, cause.explains) == ("why", ("seen",))
    assert [link.rule for link in cause.chain] == ["SYM001"]
    assert (symptom.name, symptom.explains, symptom.chain) == ("seen", (), ())


def test_what_explains_its_own_premise_is_not_explained_by_it() -> None:
    symptom = replace(SYMPTOM, explains=("why", "absent"))
    first, second = built(firing(symptom), firing(CAUSE, SEEN), rules=(symptom, CAUSE))
    assert (first.name, first.explains) == ("seen", ("why",))
    assert second.explains == ()


def test_a_premise_that_words_no_finding_is_not_explained() -> None:
    mute = replace(SYMPTOM, severity=None)
    assert [(each.name, each.explains) for each in built(firing(mute), firing(CAUSE, SEEN), rules=(mute, CAUSE))] == [
        ("why", ())
    ]


def test_of_equal_weight_what_explains_something_comes_first() -> None:
    later = replace(GRAVE, id="ZZZ001", name="zzz", severity=Severity.MAJOR, explains=("seen",))
    names = [each.name for each in built(firing(SYMPTOM), firing(later), rules=(SYMPTOM, later))]
    assert names == ["zzz", "seen"]


def test_a_change_goes_to_who_asks_and_to_what_its_remedy_rests_on() -> None:
    asked = [change_by("mend"), change_by("why"), change_by("seen"), change_by("other")]
    cause, symptom = built(firing(SYMPTOM), firing(CAUSE, SEEN), firing(REMEDY, SEEN), changes=asked)
    assert [change.rules for change in cause.changes] == [("why",)]
    assert [change.rules for change in symptom.changes] == [("mend",), ("seen",)]


def test_no_finding_is_surer_than_the_claims_its_thresholds_rest_on() -> None:
    ceilings = {standing.ceiling: claim for claim, standing in BASE.knowledge.standings.items()}
    for ceiling, claim in ceilings.items():
        for own in Confidence:
            param = Param("limit", 1, "", f"{claim}, read twice", 1)
            rule = replace(
                GRAVE, confidence=own, params=(param, replace(param, source="arithmetic")), claims=(claim, "XX-99")
            )
            [finding] = built(firing(rule), rules=(rule,))
            assert finding.confidence.rank == max(own.rank, ceiling.rank)
            [cited] = finding.claims
            standing = BASE.knowledge.standings[claim]
            assert (cited.id, cited.grade, cited.because) == (claim, standing.grade.value, standing.because)


def test_a_claim_of_no_grade_is_cited_as_it_stands() -> None:
    ungraded = replace(BASE.knowledge, standings={})
    rule = replace(GRAVE, claims=("WGT-02",))
    [finding] = build_findings({rule.id: rule}, [firing(rule)], ungraded, ())
    assert [(each.id, each.grade) for each in finding.claims] == [("WGT-02", None)]


def test_conclusions_and_the_range_are_no_evidence() -> None:
    scope = Fact("run.intent", "run", "motion")
    [finding] = built(firing(CAUSE, SEEN, scope, ratio(1.0, None)), rules=(CAUSE,))
    assert [each.fact for each in finding.evidence] == ["lr.ratio"]


def test_what_fired_rules_mean_is_gathered() -> None:
    broke = replace(SYMPTOM, means=(Meaning.RUN_BROKE, Meaning.NO_ROOM))
    rules = {broke.id: broke, CAUSE.id: CAUSE}
    assert meanings(rules, [firing(broke), firing(CAUSE)]) == {Meaning.RUN_BROKE, Meaning.NO_ROOM}
    assert meanings(rules, [firing(CAUSE)]) == frozenset()


def test_the_limits_of_a_finding_are_those_it_was_compared_with_and_not_those_that_grade_it() -> None:
    rule = next(rule for rule in BASE.rules if rule.name == "steps-configured-too-few")
    firings = infer([rule], [Fact("config.steps_of_both", "run", 400, places=(CONFIG,))], engine="matcher").firings
    (few,) = build_findings({rule.id: rule}, firings, BASE.knowledge, ())
    assert [param.name for param in few.limits] == ["steps_min"]
    assert {"steps_min", "steps_few"} <= {param.name for param in few.params}
