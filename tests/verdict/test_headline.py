"""The verdict in one line: the first story, and how many others there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_findings import found

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.model import Confidence, Intent
from diagnose.facts.known import Known
from diagnose.verdict.headline import conclude
from diagnose.verdict.outcome import Finding
from diagnose.verdict.report import Status

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
    unsaid = replace(unsaid, intent=replace(unsaid.intent, intent=None))
    verdict = conclude((), (), unsaid, before_a_run=True)
    assert verdict.status is Status.ATTENTION
    assert "the intent is unknown" in verdict.headline
