"""Upstream's validation losses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, model, recorder, value
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.refusals import record_refusals
from diagnose.facts.config.validation import record_validation, validates
from diagnose.facts.record import NONE

ITEM = {"image_path": "a.png", "prompt": "x"}
T2V, I2V = ({"arch": arch, "name_or_path": "a/b"} for arch in ("wan22_14b", "wan22_14b_i2v:x"))


@pytest.mark.parametrize(
    ("validation", "done"),
    [
        ({"validation_items": [ITEM]}, True),
        ({"validation_items": [{"image_path": ""}]}, False),
        ({"validation_items": []}, False),
        (None, False),
    ],
)
def test_a_picture_is_needed(tmp_path: Path, validation: Any, *, done: bool) -> None:
    config = config_of(tmp_path, train={"validation_config": validation})
    assert validates(config, model(AI_TOOLKIT)) is done
    assert not validates(config, model(RELAXIS))


@pytest.mark.parametrize(
    ("sigmas", "expert"),
    [(None, "low"), ([1.0, 0.75, 0.5, 0.25], "low"), ([1.0, 0.9], "high"), ([0.95, 0.8], "low"), ([0.5], "low")],
)
def test_the_mean_sigma_chooses_the_expert(tmp_path: Path, sigmas: Any, expert: str) -> None:
    validation = {"validation_items": [ITEM], **({"validation_sigmas": sigmas} if sigmas else {})}
    record = recorder()
    config = config_of(tmp_path, AI_TOOLKIT, model=T2V, train={"validation_config": validation})
    record_validation(config, model(AI_TOOLKIT), record)
    assert value(record, "effective.validated_expert") == expert


def test_an_image_to_video_run_ends_at_its_first_validation(tmp_path: Path) -> None:
    train = {"validation_config": {"validation_items": [ITEM]}}
    for base, trainer, path in ((I2V, AI_TOOLKIT, "train.validation_config"), (T2V, AI_TOOLKIT, NONE), (I2V, RELAXIS, NONE)):  # fmt: skip
        record = recorder()
        record_refusals(config_of(tmp_path, trainer, model=base, train=train), model(trainer), record)
        assert [s for (name, s), _ in facts_of(record).items() if name == "config.refused_setting"] == [path]
