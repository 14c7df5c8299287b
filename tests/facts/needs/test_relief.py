from pathlib import Path
from typing import Any

import pytest
from builders import TRAINERS, config_of, recorder, value
from memory_configs import ARA, EIGHT, I2V, LORA, LOW, NETWORK, SHAPES, TRAIN
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.needs.relief import ANOTHER_PROGRAM, LARGER_CARD, record_relief
from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel, before

BARE = {"optimizer": "adamw8bit"}


def recorded(folder: Path, model: Any = (), train: Any = TRAIN, crash: Any = (), **sections: Any) -> Recorder:
    record = recorder()
    for name, found in dict(crash).items():
        record.known(f"crash.{name}", found)
    given = {"network": LORA, "train": train, "datasets": [SHAPES["512x41"]], "model": {**I2V, **dict(model)}}
    record_relief(config_of(folder, AI_TOOLKIT, **{**given, **sections}), NETWORK, record)
    return record


@pytest.mark.parametrize(
    ("model", "train", "relief", "saves"),
    [
        ({}, {**BARE, "gradient_checkpointing": False}, "checkpointing", 160.9),
        ({}, TRAIN, "low-vram", 26.6),
        (LOW, TRAIN, "eight-bit", 12.4),
        ({**EIGHT, **LOW}, BARE, "cached-text", 6.3),
        ({**EIGHT, **LOW}, TRAIN, "four-bit", 5.4),
        ({**ARA, **LOW}, {**TRAIN, "batch_size": 2}, "one-clip", 10.2),
        ({**ARA, **LOW}, TRAIN, "layer-offloading", 8.1),
        (
            {**ARA, **LOW, "layer_offloading": True, "layer_offloading_transformer_percent": 0.5},
            TRAIN,
            "layer-offloading",
            4.1,
        ),
        ({**ARA, **LOW, "layer_offloading": True}, TRAIN, NONE, None),
    ],
)
def test_what_costs_least_comes_first(
    tmp_path: Path, model: dict[str, Any], train: dict[str, Any], relief: str, saves: float | None
) -> None:
    record = recorded(tmp_path, model, train)
    assert value(record, "needs.relief") == relief
    assert value(record, "needs.relief_saves") == (pytest.approx(saves, abs=0.1) if saves is not None else None)


def test_what_saves_too_little_for_the_crash_waits(tmp_path: Path) -> None:
    packed = {**EIGHT, **LOW}
    assert value(recorded(tmp_path, packed, BARE, {"asked": 6.0, "free": 1.0}), "needs.relief") == "cached-text"
    assert value(recorded(tmp_path, packed, BARE, {"asked": 8.0, "free": 1.0}), "needs.relief") == "four-bit"
    assert value(recorded(tmp_path, packed, BARE, {"asked": 90.0, "free": 1.0}), "needs.relief") == ("layer-offloading")


@pytest.mark.parametrize(
    ("phase", "relief"),
    [("load", "eight-bit"), ("preview", "smaller-previews"), ("training", "eight-bit"), ("start", "eight-bit")],
)
def test_only_what_helps_in_the_phase_of_the_crash(tmp_path: Path, phase: str, relief: str) -> None:
    assert value(recorded(tmp_path, LOW, BARE, {"during": phase}), "needs.relief") == relief


def test_no_setting_helps_where_another_program_holds_the_memory(tmp_path: Path) -> None:
    record = recorded(tmp_path, LOW, BARE, {"by_others": True, "asked": 1.0})
    assert value(record, "needs.relief") == ANOTHER_PROGRAM
    assert value(record, "needs.relief_others") is None


def test_the_adapter_of_the_other_model_is_not_meant(tmp_path: Path) -> None:
    record = recorded(tmp_path, {**EIGHT, **LOW, "arch": "wan22_14b"})
    assert value(record, "needs.relief") == "four-bit"
    assert "i2v" not in value(record, "needs.relief_others")


def test_tiny_clips_are_no_means(tmp_path: Path) -> None:
    clips = [{"num_frames": 5, "resolution": 32}]
    full = {**ARA, **LOW, "layer_offloading": True}
    record = recorded(tmp_path, full, {**TRAIN, "batch_size": 4}, datasets=clips)
    assert value(record, "needs.relief") == LARGER_CARD
    assert value(record, "needs.relief_ways") is None
    assert value(record, "needs.clips_saves") is None
    assert value(recorded(tmp_path, full, datasets=[SHAPES["still"]]), "needs.relief") == NONE


def test_half_as_many_frames(tmp_path: Path) -> None:
    record = recorded(tmp_path, datasets=[SHAPES["512x81"], SHAPES["still"]])
    assert (value(record, "needs.clips_frames"), value(record, "needs.clips_half")) == (81, 41)
    assert value(record, "needs.clips_saves") == pytest.approx((21504 - 11264) * 971_600 / 2**30)
    assert value(recorded(tmp_path, datasets=[SHAPES["still"]]), "needs.clips_half") is None


def test_the_others_are_told_with_what_they_save(tmp_path: Path) -> None:
    others = "model.quantize true (saves 29.8 GB), train.cache_text_embeddings true (saves 10.6 GB)"
    record = recorded(tmp_path, {}, BARE)
    assert value(record, "needs.relief_others") == others
    assert value(record, "needs.relief_ways") == f"model.low_vram true (saves 26.6 GB), {others}"


def test_layers_are_offloaded_where_the_trainer_can(tmp_path: Path) -> None:
    """Until 76ce757e upstream had no layer offloading for this model."""
    for models, there in (
        (TRAINERS[AI_TOOLKIT], True),
        (_before(TRAINERS[AI_TOOLKIT]), False),
        (TRAINERS[RELAXIS], True),
    ):
        given = {"network": LORA, "train": TRAIN, "datasets": [SHAPES["512x41"]], "model": {**I2V, **ARA, **LOW}}
        record = recorder()
        record_relief(Config(config_of(tmp_path, AI_TOOLKIT, **given).reading, models), NETWORK, record)
        assert (value(record, "needs.relief") == "layer-offloading") is there


def _before(model: TrainerModel) -> TrainerModel:
    return before(model, next(change for change in model.versions if change.id == "layer-offloading"))
