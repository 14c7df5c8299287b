"""What is asked of a trainer of any room: little has to be described."""

from __future__ import annotations

from inspect import isfunction, signature
from typing import Any

import pytest
from builders import KNOWLEDGE
from msgspec import ValidationError
from msgspec.structs import replace

from diagnose.sources.readings import ConfigReading
from diagnose.trainers.aitoolkit.answers import AiToolkit
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel, VersionChange, before, build, stand_in

LEAST = {"name": "kiln", "room": "kiln", "label": "Kiln", "settings": {"steps": "max_steps", "rate": ["lr", "rate"]}}
MODEL = build(TrainerModel, LEAST)
CONFIG = Config(ConfigReading("kiln.yaml", "", {"max_steps": 10, "lr": 1e-4}, "", {}), MODEL)
QUESTIONS: dict[str, Any] = {
    **dict.fromkeys(
        [
            "rates",
            "rates_adapt",
            "turns",
            "updates",
            "scale",
            "alpha_plan",
            "timesteps",
            "high_loss_weight",
            "weighs_losses",
        ],
        (),
    ),
    **dict.fromkeys(["validates", "previews", "logs", "refusals", "unseen_values"], ()),
    "memory": (KNOWLEDGE.domain.network,),
    "phases_act": (None,),
    "refused_parameters": ("adamw",),
    "misfits": (None,),
    "key_faults": ({"kiln": MODEL},),
    "hints": ({"kiln": MODEL},),
}
"""What facts ask of a trainer about a config, and the rest of the question."""


def test_a_name_a_label_and_a_map_of_settings_are_enough() -> None:
    assert MODEL.settings == {"steps": ("max_steps",), "rate": ("lr", "rate")}
    assert (MODEL.keys, MODEL.defaults, MODEL.versions, MODEL.expert_prefixes) == ({}, {}, (), {})
    assert MODEL.default("steps") is None


@pytest.mark.parametrize("wrong", [{**LEAST, "per_expert": {}}, {"name": "kiln"}, {**LEAST, "rank": "4"}])
def test_a_key_that_nobody_reads_or_that_is_missing_or_of_another_type_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        build(TrainerModel, wrong)


def test_a_default_can_be_younger_than_its_trainer() -> None:
    change = VersionChange("new", "10", "20", "kiln.py:1", overlay={"defaults": {"max_steps": 20}})
    now = replace(MODEL, defaults={"max_steps": 10, "lr": 1}, versions=(change,))
    assert (now.default("steps"), now.changed("steps"), now.changed("rate")) == (10, change, None)
    assert before(now, change).defaults == {"max_steps": 20, "lr": 1}


def test_one_may_stand_in_for_the_others_else_the_first_does() -> None:
    other = replace(MODEL, name="other", stands_in=True)
    assert stand_in([MODEL, other]) is other
    assert stand_in([MODEL]) is MODEL


def test_every_question_is_here() -> None:
    asked = {name for name, each in vars(TrainerModel).items() if isfunction(each) and "Config" in str(signature(each))}
    assert asked == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_that_the_room_leaves_open_is_unknown(name: str) -> None:
    more = {"decided": True} if name == "key_faults" else {}
    assert getattr(MODEL, name)(CONFIG, *QUESTIONS[name], **more) is None
    assert MODEL.starting_rate(1e-4, "adamw") is None


@pytest.mark.parametrize("name", [*QUESTIONS, "starting_rate"])
def test_ai_toolkits_room_answers_every_question(name: str) -> None:
    assert getattr(AiToolkit, name) is not getattr(TrainerModel, name)


@pytest.mark.parametrize(
    "name", ["boundary", "ema", "media", "drops_captions_when_cached", "from_optimizer_file", "rates_per_expert"]
)
def test_a_value_that_is_not_described_is_unknown(name: str) -> None:
    assert getattr(MODEL, name) is None
