"""The trainers' descriptions: whole, typed, and about keys that the trainers have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import TRAINERS
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.trainer_model import before

MODELS = TRAINERS
OPEN = {"train.optimizer_params", "network.alpha_schedule", "train.validation_config"}
"""Sections whose keys are listed by optimizer, or not at all."""


def paths(model: AiToolkitModel) -> Iterator[str]:
    yield from model.defaults
    for entry in (*model.ignored, *model.refused, *model.choices, *model.values, *model.unseen):
        yield entry.path
        yield from entry.when
    for setting in model.weighted_sampling:
        yield from model.settings[setting]


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_every_key_that_is_spoken_of_is_one_the_trainer_reads(model: AiToolkitModel) -> None:
    for path in paths(model):
        section, _, key = path.replace("[]", "").rpartition(".")
        if section in OPEN:
            section, _, key = section.rpartition(".")
        assert key in model.keys[section or "process"], path


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_no_misnomer_is_a_key_of_the_trainer(model: AiToolkitModel) -> None:
    known = {key for keys in model.keys.values() for key in keys}
    assert not known & set(model.misnomers)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_changes_have_names_of_their_own_and_can_be_undone(model: AiToolkitModel) -> None:
    assert len({change.id for change in model.versions}) == len(model.versions)
    for change in model.versions:
        older = before(model, change)
        assert (older == model) is not bool(change.overlay)
        assert change.now != change.before


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_an_optimizer_that_is_described_is_one_the_trainer_takes(model: AiToolkitModel) -> None:
    allowed = next(choice for choice in model.choices if choice.path == "train.optimizer")
    for name, optimizer in model.optimizers.items():
        assert allowed.allows(name.removesuffix("*"))
        assert not optimizer.takes & optimizer.given


def test_the_longest_name_of_an_optimizer_decides() -> None:
    model = MODELS[RELAXIS]
    assert model.optimizer("prodigyopt") is model.optimizers["prodigy*"]
    assert model.optimizer("prodigy8bit") is model.optimizers["prodigy8bit*"]
    assert model.optimizer("automagic3") is None


def test_each_trainer_is_cited_by_its_own_lines() -> None:
    upstream, fork = MODELS[AI_TOOLKIT], MODELS[RELAXIS]
    text = "the experts take turns (SDTrainer.py:2253-2264), as nowhere.py:1 says"
    assert upstream.cited(text) == text
    assert fork.cited(text) == "the experts take turns (SDTrainer.py:2074-2098), as nowhere.py:1 says"
    sources = [each.source for each in (*fork.ignored, *fork.refused, *fork.choices)]
    assert not [place for place in fork.lines if any(place in source for source in sources)]


def test_a_default_says_when_it_came() -> None:
    change = MODELS[AI_TOOLKIT].changed("clip.fps")
    assert change is not None
    assert change.since is not None
    assert (change.since.version, str(change.since.day)) == ("0.7.17", "2026-01-13")
    assert MODELS[AI_TOOLKIT].changed("steps") is None
