"""The kinds of runs: enough of them, all readable, and their causes are names that findings can have."""

from __future__ import annotations

import pytest
from trainer_names import BOTH

from diagnose import Settings
from diagnose.settings import rule_base
from simulation.configs import changed, recipe, text_of
from simulation.kinds import FAULTS, KINDS, SOUND
from simulation.setup import read_setup


def test_there_are_many_kinds_for_both_trainers() -> None:
    assert len(FAULTS) >= 30
    assert {kind.trainer for kind in FAULTS.values()} == set(BOTH)


def test_names_are_unique() -> None:
    assert len(KINDS) == len(FAULTS) + len(SOUND)


@pytest.mark.parametrize("name", KINDS)
def test_the_trainer_can_read_the_config(name: str) -> None:
    kind = KINDS[name]
    setup = read_setup(text_of(kind.config(5)), kind.trainer)
    assert setup.steps > 0
    assert (setup.death is None) or not setup.death.error.startswith("KeyboardInterrupt")


def test_some_rule_can_name_each_cause() -> None:
    names = {rule.name for rule in rule_base(Settings()).rules}
    assert [kind.name for kind in FAULTS.values() if names.isdisjoint(kind.causes)] == []


def test_changes_leave_the_document_alone() -> None:
    document = recipe("recommended")
    copy = changed(document, {"train.steps": 5, "datasets.fps": 24, "sample.neg": None, "model.new.deep": 1})
    process, before = (each["config"]["process"][0] for each in (copy, document))
    assert process["train"]["steps"] == 5
    assert process["datasets"][0]["fps"] == 24
    assert "neg" not in process["sample"]
    assert process["model"]["new"] == {"deep": 1}
    assert before["train"]["steps"] == 2200
    assert "fps" not in before["datasets"][0]
