"""Causes first, what they explain inside their story, every finding once, no guess before something sure."""

from __future__ import annotations

from pathlib import Path

import pytest
from blank_rule import BLANK_RULE
from hypothesis import given
from hypothesis import strategies as st
from made_findings import found
from msgspec.structs import replace

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.values import RUN, Confidence, Fact, Intent, Severity, Stage
from diagnose.engine.inference import Firing
from diagnose.facts.known import Known
from diagnose.verdict.judgement import Finding
from diagnose.verdict.stories import Status, conclude, explained, stories


def order(*findings: Finding) -> list[list[str]]:
    return [[member.name for member in story.members] for story in stories(findings)]


def test_a_cause_stands_where_its_worst_symptom_would() -> None:
    told = order(found("symptom", "critical"), found("x", "critical"), found("cause", "major", "symptom"))
    assert told == [["cause", "symptom"], ["x"]]


def test_explanations_reach_through() -> None:
    told = order(found("c", "major"), found("b", "major", "c"), found("a", "major", "b"))
    assert told == [["a", "b", "c"]]


def test_a_guess_never_leads_over_something_sure_of_the_same_effect() -> None:
    guess = found("a", "major", confidence=Confidence.LOW)
    assert order(guess, found("b", "major")) == [["b"], ["a"]]
    assert order(guess, found("b", "minor")) == [["a"], ["b"]], "and one severity less is all that it costs"


def test_a_guess_does_not_stand_before_something_graver_that_it_explains() -> None:
    effect = found("effect", "critical", "own", confidence=Confidence.LOW)
    cause = found("cause", "major", "effect", "other", confidence=Confidence.LOW)
    [story] = stories([effect, cause, found("own", "major"), found("other", "minor")])
    assert (story.head, story.causes) == (effect, (cause,))
    assert [each.name for each in story.explained] == ["own", "other"]
    assert order(effect, found("cause", "major", "effect")) == [["cause", "effect"]], "what is sure does"


def test_a_sure_cause_leads_over_what_follows_through_a_guess() -> None:
    effect = found("effect", "critical", confidence=Confidence.LOW)
    guess = found("guess", "major", "effect", confidence=Confidence.LOW)
    assert order(effect, guess, found("cause", "major", "guess")) == [["cause", "effect", "guess"]]


def test_what_only_informs_explains_nothing_graver() -> None:
    assert order(found("note", "info", "fault"), found("fault", "minor")) == [["fault"], ["note"]]


def test_what_went_well_comes_last_and_is_explained_by_nothing() -> None:
    assert order(found("good", "good"), found("cause", "minor", "good"), found("note", "info")) == [
        ["cause"], ["note"], ["good"],
    ]  # fmt: skip


def test_the_same_finding_about_several_subjects_is_told_in_one_story() -> None:
    twice = [found("b", "minor", subject=subject) for subject in ("high", "low")]
    assert order(found("a", "major", "b"), *twice) == [["a", "b", "b"]]


NAMES = st.sampled_from("abcdef")
WEB = st.dictionaries(
    NAMES, st.tuples(st.sampled_from(Severity), st.sampled_from(Confidence), st.lists(NAMES, max_size=3))
)


@given(WEB)
def test_any_web_of_explanations_is_told_once_in_an_order_of_its_own(
    web: dict[str, tuple[Severity, Confidence, list[str]]],
) -> None:
    findings = [found(name, s.value, *explains, confidence=c) for name, (s, c, explains) in web.items()]
    told = [member for story in stories(findings) for member in story.members]
    assert sorted(each.name for each in told) == sorted(web)
    again = [member for story in stories(reversed(findings)) for member in story.members]
    assert [each.name for each in again] == [each.name for each in told]
    assert [each.name for story in stories(told) for each in story.members] == [each.name for each in told]


@given(WEB)
def test_no_story_is_led_by_a_guess_where_a_sure_finding_of_the_same_effect_comes_later(
    web: dict[str, tuple[Severity, Confidence, list[str]]],
) -> None:
    findings = [found(name, s.value, confidence=c) for name, (s, c, _) in web.items()]
    heads = [story.head for story in stories(findings)]
    for index, head in enumerate(heads):
        same = [each for each in heads[index + 1 :] if each.severity is head.severity]
        if head.confidence is Confidence.LOW and head.severity.rank < Severity.INFO.rank:
            assert all(each.confidence is Confidence.LOW for each in same)


CONFIG = Path(__file__).parents[1] / "runs" / "data" / "fork-dropped-keys" / "config.yaml"


@pytest.fixture(scope="module")
def known() -> Known:
    return understand(CONFIG, Settings(intent=Intent.MOTION)).known


def headline(known: Known, *findings: Finding) -> str:
    return conclude(findings, (), known, before_a_run=True).headline


def test_a_story_is_told_with_what_is_as_grave_as_its_head(known: Known) -> None:
    cause = found("cause", "blocker", "effect", title="The rate is too high")
    effect = found("effect", "blocker", title="The training diverged")
    assert headline(known, effect, cause) == "The rate is too high; as a result, the training diverged"
    assert headline(known, replace(effect, severity=found("x", "minor").severity), cause) == "The rate is too high"


def test_a_cause_that_is_only_likely_is_told_as_that(known: Known) -> None:
    effect = found("effect", "critical", confidence=Confidence.LOW, title="LoRA and picture differ")
    cause = found("cause", "major", "effect", confidence=Confidence.LOW, title="The ratio is too small")
    assert headline(known, effect, cause) == "LoRA and picture differ; likely cause: the ratio is too small"


def test_other_stories_are_counted_and_notes_are_not(known: Known) -> None:
    first, second = found("a", "major", title="A fault"), found("b", "minor")
    notes = (found("note", "info"), found("good", "good"))
    assert headline(known, first, *notes) == "A fault"
    assert headline(known, first, second, *notes) == "A fault, and 1 other problem"
    assert headline(known, first, second, found("c", "minor")) == "A fault, and 2 other problems"


def test_the_status_is_that_of_the_gravest_wherever_it_is_told(known: Known) -> None:
    sure, guess = found("sure", "major"), found("guess", "critical", confidence=Confidence.LOW)
    assert conclude((sure, guess), (), known, before_a_run=True).status is Status.FAILING
    assert conclude((found("note", "info"),), (), known, before_a_run=True).status is Status.HEALTHY


def test_without_an_intent_nothing_is_called_healthy() -> None:
    unsaid = understand(CONFIG).known
    premises = replace(unsaid.evidence.premises, intent=replace(unsaid.intent, intent=None))
    unsaid = replace(unsaid, evidence=replace(unsaid.evidence, premises=premises))
    verdict = conclude((), (), unsaid, before_a_run=True)
    assert verdict.status is Status.ATTENTION
    assert "the intent is unknown" in verdict.headline


CAUSE = replace(BLANK_RULE, id="C", name="cause", explains=("written",))
KIND = replace(BLANK_RULE, id="K", name="kind", explained_by="causes")
RULES = {"C": CAUSE, "K": KIND}


def test_a_fact_of_the_run_names_what_explains_a_finding() -> None:
    for named, explains in (("cause, other", ("written", "kind")), ("other", ("written",)), (None, ("written",))):
        firing = Firing("K", RUN, (("causes", Fact("crash.told_by", RUN, named)),), (), Stage.CAUSE)
        assert explained(RULES, [firing])["cause"] == explains
    assert explained(RULES, [Firing("K", RUN, (), (), Stage.CAUSE)]) == {"cause": ("written",), "kind": ()}
