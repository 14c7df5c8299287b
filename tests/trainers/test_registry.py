"""Trainers are found by their descriptions, and each is built by its room."""

from __future__ import annotations

from trainer_names import BOTH

from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.descriptions import read_descriptions
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.registry import trainer_models


def test_each_described_trainer_is_there_as_its_room_models_it() -> None:
    found = trainer_models(read_descriptions(knowledge_dir()))
    assert set(found) == set(BOTH)
    assert {type(each) for each in found.values()} == {AiToolkitModel}
    assert {name: each.kind for name, each in found.items()} == {"ai-toolkit": "upstream", "ai-toolkit-relaxis": "fork"}
    assert [name for name, each in found.items() if each.stands_in] == ["ai-toolkit"]
