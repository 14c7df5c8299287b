"""What is asked of a trainer of any room: little has to be described."""

from __future__ import annotations

import pytest
from msgspec import ValidationError
from msgspec.structs import replace

from diagnose.trainers.trainer_model import TrainerModel, VersionChange, before, build, stand_in

LEAST = {"name": "kiln", "room": "kiln", "label": "Kiln", "settings": {"steps": "max_steps", "rate": ["lr", "rate"]}}
MODEL = build(TrainerModel, LEAST)


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
