"""What a config hints at is the business of the room that reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from builders import TRAINERS, reading
from trainer_names import AI_TOOLKIT, BOTH

from diagnose.trainers.recognition import hints, of_room
from diagnose.trainers.trainer_model import TrainerModel

KILN = TrainerModel(name="kiln", room="kiln", label="Kiln", settings={})
ALL: dict[str, TrainerModel] = {**TRAINERS, "kiln": KILN}


def test_a_room_has_the_trainers_that_say_so() -> None:
    assert set(of_room("aitoolkit", ALL)) == set(BOTH)
    assert of_room("kiln", ALL) == {"kiln": KILN}
    assert of_room("", ALL) == {}


def test_a_config_of_a_room_of_one_is_for_that_one(tmp_path: Path) -> None:
    config = replace(reading(tmp_path), room="kiln")
    assert [(sign.trainer, sign.text) for sign in hints(config, ALL)] == [("kiln", "Kiln alone takes such a config")]
    assert not list(hints(replace(config, room=""), ALL)), "nobody knows whose it is"


def test_a_room_of_several_looks_closer(tmp_path: Path) -> None:
    config = reading(tmp_path, logging={"use_ui_logger": True})
    assert [sign.trainer for sign in hints(config, ALL)] == [AI_TOOLKIT]
    assert not list(hints(reading(tmp_path), ALL))
