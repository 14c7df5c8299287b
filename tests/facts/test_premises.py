"""What a run is read by: the trainer, the intent, the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import TARGETS, TRAINERS, config_of, readings, recorder, value
from run_evidence import YARDSTICK
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Intent, Place
from diagnose.facts.premises import Asked, record_premises


def asked(**said: object) -> Asked:
    return Asked(TARGETS, YARDSTICK, **said)  # type: ignore[arg-type]


def test_what_the_user_says_is_taken_and_its_place_named(tmp_path: Path) -> None:
    read = readings(config=config_of(tmp_path, train={"steps": 100}).reading)
    record, at = recorder(), Place("diagnose.yaml", 2, "trainer")
    found = record_premises(
        read, TRAINERS, asked(trainer=RELAXIS, intent=Intent.STYLE, said_at={"trainer": at}), record
    )
    assert found.model is not None
    assert (found.model.name, found.intent.intent) == (RELAXIS, Intent.STYLE)
    assert value(record, "run.trainer") == RELAXIS
    assert "diagnose.yaml:2" in next(fact.note for fact in record.facts() if fact.name == "run.trainer")


def test_an_unknown_trainer_leaves_the_candidates_and_one_that_stands_in(tmp_path: Path) -> None:
    record = recorder()
    found = record_premises(
        readings(config=config_of(tmp_path, train={"steps": 100}).reading), TRAINERS, asked(), record
    )
    assert found.model is None
    assert value(record, "run.trainer") is None
    assert {each.name for each in found.candidates} == {AI_TOOLKIT, RELAXIS}
    assert found.config is not None
    assert found.config.model.stands_in


@pytest.mark.parametrize(("arch", "another"), [("wan22_14b_i2v", False), ("flux", True), (None, False)])
def test_only_a_model_that_is_named_can_be_known_to_be_another(
    tmp_path: Path, arch: str | None, *, another: bool
) -> None:
    model = {"arch": arch} if arch is not None else {}
    record = recorder()
    record_premises(readings(config=config_of(tmp_path, model=model).reading), TRAINERS, asked(), record)
    assert value(record, "run.another_model") is another
