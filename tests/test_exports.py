"""What `from diagnose import ...` gives, and that it takes plain strings."""

from __future__ import annotations

from pathlib import Path

import pytest

import diagnose
from diagnose import DiagnoseError, Finding, Intent, Report, Settings, Severity, preflight

CONFIG = Path(__file__).parent / "runs" / "data" / "fork-dropped-keys" / "config.yaml"


@pytest.mark.parametrize("name", diagnose.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(diagnose, name) is not None


def test_intent_and_trainer_are_taken_as_strings() -> None:
    report = preflight(str(CONFIG), Settings(intent="motion", trainer="ai-toolkit-relaxis"))
    assert (report.run.intent, report.run.trainer) == (Intent.MOTION, "ai-toolkit-relaxis")
    assert {type(each) for each in report.findings} == {Finding}
    assert {type(each.severity) for each in report.findings} == {Severity}
    assert type(report) is Report


@pytest.mark.parametrize(
    ("field", "known"), [("intent", "motion"), ("trainer", "ai-toolkit"), ("strategy", "conservative")]
)
def test_another_name_is_refused_with_those_that_are_known(field: str, known: str) -> None:
    with pytest.raises(DiagnoseError, match=known):
        Settings(**{field: "dancing"})  # type: ignore[arg-type]
