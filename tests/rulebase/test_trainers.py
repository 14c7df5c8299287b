"""The trainers' descriptions: whole, typed, and about keys that the trainers have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from diagnose.core.model import Trainer
from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.trainers import TrainerModel, before, load_trainers, overlaid

MODELS = load_trainers(knowledge_dir())
TREES = st.recursive(st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.text(max_size=2), inner))
OPEN = {"train.optimizer_params", "network.alpha_schedule", "train.validation_config"}
"""Sections whose keys are listed by optimizer, or not at all."""
TABLES = st.dictionaries(st.text(max_size=2), TREES)


def check_types(model: TrainerModel) -> None:
    TypeAdapter(TrainerModel).validate_python(asdict(model))


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name.value)
def test_every_field_has_its_type(model: TrainerModel) -> None:
    check_types(model)


def test_both_trainers_are_described() -> None:
    assert set(MODELS) == set(Trainer)


def paths(model: TrainerModel) -> Iterator[str]:
    yield from model.defaults
    for entry in (*model.ignored, *model.refused, *model.choices, *model.values, *model.unseen):
        yield entry.path
        yield from entry.when
    yield from model.weighted_sampling


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name.value)
def test_every_key_that_is_spoken_of_is_one_the_trainer_reads(model: TrainerModel) -> None:
    for path in paths(model):
        section, _, key = path.replace("[]", "").rpartition(".")
        if section in OPEN:
            section, _, key = section.rpartition(".")
        assert key in model.keys[section or "process"], path


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name.value)
def test_no_misnomer_is_a_key_of_the_trainer(model: TrainerModel) -> None:
    known = {key for keys in model.keys.values() for key in keys}
    assert not known & set(model.misnomers)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name.value)
def test_changes_have_names_of_their_own_and_can_be_undone(model: TrainerModel) -> None:
    assert len({change.id for change in model.versions}) == len(model.versions)
    for change in model.versions:
        older = before(model, change)
        check_types(older)
        assert (older == model) is not bool(change.overlay)
        assert change.now != change.before


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name.value)
def test_an_optimizer_that_is_described_is_one_the_trainer_takes(model: TrainerModel) -> None:
    allowed = next(choice for choice in model.choices if choice.path == "train.optimizer")
    for name, optimizer in model.optimizers.items():
        assert allowed.allows(name.removesuffix("*"))
        assert not optimizer.takes & optimizer.given


def test_the_longest_name_of_an_optimizer_decides() -> None:
    model = MODELS[Trainer.FORK]
    assert model.optimizer("prodigyopt") is model.optimizers["prodigy*"]
    assert model.optimizer("prodigy8bit") is model.optimizers["prodigy8bit*"]
    assert model.optimizer("automagic3") is None


def test_each_trainer_is_cited_by_its_own_lines() -> None:
    upstream, fork = MODELS[Trainer.UPSTREAM], MODELS[Trainer.FORK]
    text = "the experts take turns (SDTrainer.py:2253-2264), as nowhere.py:1 says"
    assert upstream.cited(text) == text
    assert fork.cited(text) == "the experts take turns (SDTrainer.py:2074-2098), as nowhere.py:1 says"
    sources = [each.source for each in (*fork.ignored, *fork.refused, *fork.choices)]
    assert not [place for place in fork.lines if any(place in source for source in sources)]


def test_a_default_says_when_it_came() -> None:
    change = MODELS[Trainer.UPSTREAM].changed("datasets[].fps")
    assert change is not None
    assert change.since is not None
    assert (change.since.version, str(change.since.day)) == ("0.7.17", "2026-01-13")
    assert MODELS[Trainer.UPSTREAM].changed("train.steps") is None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, TABLES)
def test_what_lies_above_wins_and_nothing_is_lost(below: dict[str, object], above: dict[str, object]) -> None:
    merged = overlaid(below, above)
    assert merged.keys() == below.keys() | above.keys()
    for key, value in above.items():
        if not isinstance(value, dict):
            assert merged[key] == value
    for key in below.keys() - above.keys():
        assert merged[key] == below[key]
    assert overlaid(merged, above) == merged


def test_lists_are_joined_and_the_parts_stay_as_they_were() -> None:
    below, above = {"a": [1]}, {"a": [2]}
    assert overlaid(below, above) == {"a": [1, 2]}
    assert (below, above) == ({"a": [1]}, {"a": [2]})
