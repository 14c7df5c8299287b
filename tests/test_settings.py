"""What the user says of a run: names are plain strings, and a wrong one is told with those that are known."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Settings
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent, Place
from diagnose.settings import completed
from diagnose.sources.project import Project


def test_names_are_taken_as_they_are_written() -> None:
    said = Settings(intent="motion", trainer="ai-toolkit")
    assert (said.purpose, said.trainer) == (Intent.MOTION, AI_TOOLKIT)
    assert said == Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT)
    assert Settings().purpose is None


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"trainer": "kohya"}, "trainer 'kohya': give one of ai-toolkit, ai-toolkit-relaxis"),
        ({"intent": "dance"}, "intent 'dance': give one of character, motion, style"),
        ({"strategy": "bold"}, "strategy 'bold': give one of conservative, recommended"),
    ],
)
def test_a_wrong_name_is_told_with_the_known_ones(given: dict[str, str], fault: str) -> None:
    with pytest.raises(DiagnoseError) as error:
        Settings(**given)  # type: ignore[arg-type]
    assert str(error.value) == fault


@pytest.mark.parametrize("agreement", [-0.1, 1.1, math.nan, math.inf])
def test_an_agreement_that_is_no_share_is_refused(agreement: float) -> None:
    with pytest.raises(DiagnoseError, match="between 0 and 1"):
        Settings(agreement=agreement)


def project(trainer: str) -> Project:
    return Project(
        Path("diagnose.yaml"), None, trainer, (), None, {}, {}, {"trainer": Place("diagnose.yaml", 2, "trainer")}
    )


def test_a_wrong_name_in_a_project_file_is_told_at_its_line() -> None:
    with pytest.raises(DiagnoseError, match=r"^diagnose\.yaml:2: trainer 'kohya': give one of ai-toolkit, "):
        completed(Settings(), project("kohya"))


def test_what_is_said_wins_over_the_project_file() -> None:
    assert completed(Settings(trainer=AI_TOOLKIT), project(RELAXIS)).trainer == AI_TOOLKIT
    assert completed(Settings(), project(RELAXIS)).trainer == RELAXIS
    assert completed(Settings(trainer=AI_TOOLKIT), None).trainer == AI_TOOLKIT
