from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, model, recorder
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.key_faults import record_refusals
from diagnose.facts.recorder import NONE

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
T2V = {"arch": "wan22_14b", "name_or_path": "a/b"}
PICTURE = {"image_path": "a.png", "prompt": "x"}
REFUSED = "config.refused_setting"
FLOW = {"noise_scheduler": "flowmatch"}


def refused(folder: Path, trainer: str | None = AI_TOOLKIT, **sections: Any) -> dict[str, str]:
    record = recorder()
    config = config_of(folder, trainer or AI_TOOLKIT, **{"model": WAN, **sections})
    record_refusals(config, model(trainer) if trainer else None, record)
    return {s: str(fact.value) for (name, s), fact in facts_of(record).items() if fact.known and name == REFUSED}


def test_a_config_the_trainer_takes_is_known_to_have_none(tmp_path: Path) -> None:
    assert refused(tmp_path, train={**FLOW, "optimizer": "AdamW8bit", "timestep_type": "linear"}) == {NONE: NONE}


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"model": {**WAN, "lora_path": "a.safetensors"}}, "model.lora_path"),
        ({"model": {**WAN, "split_model_over_gpus": True}}, "model.split_model_over_gpus"),
        ({"datasets": [{}, {"poi": "face", "folder_path": "a"}]}, "datasets[1].poi"),
        ({"train": {"optimizer": "adamw32"}}, "train.optimizer"),
        ({"train": {**FLOW, "timestep_type": "gaussian"}}, "train.timestep_type"),
        ({"train": {"content_or_style": "motion"}}, "train.content_or_style"),
        ({"save": {"save_format": "ckpt"}}, "save.save_format"),
        ({"type": "my_trainer"}, "type"),
        (
            {"train": {"gradient_accumulation": 2, "gradient_accumulation_steps": 4}},
            "train.gradient_accumulation_steps",
        ),
        (
            {"model": {**WAN, "model_kwargs": {"train_high_noise": False, "train_low_noise": False}}},
            "model.model_kwargs",
        ),
        ({"model": {"arch": "wan22_14b_i2v"}}, "model.name_or_path"),
        ({"train": {"lr_scheduler": "step"}}, "train.lr_scheduler"),
        ({"train": {"dtype": "bfloat"}}, "train.dtype"),
        ({"datasets": []}, "datasets"),
        ({"datasets": None}, "datasets"),
        ({"datasets": [{"num_frames": 81, "folder_path": None}]}, "datasets[0].folder_path"),
        ({"datasets": ["clips"]}, "datasets[0]"),
        ({"save": "safetensors"}, "save"),
    ],
)
def test_what_stops_the_trainer(tmp_path: Path, sections: dict[str, Any], path: str) -> None:
    assert set(refused(tmp_path, **sections)) == {path}


@pytest.mark.parametrize(
    "sections",
    [
        {"model": {**WAN, "lora_path": None, "split_model_over_gpus": False}},
        {"train": {"optimizer": "prodigyopt"}},
        {"train": {"timestep_type": "gaussian"}},
        {"train": {**FLOW, "timestep_type": "gaussian", "linear_timesteps": True}},
        {"train": {"gradient_accumulation": 2, "gradient_accumulation_steps": 1}},
        {"model": {"arch": "flux", "name_or_path": "a/b", "lora_path": "a"}},
    ],
)
def test_what_it_takes_or_never_reads(tmp_path: Path, sections: dict[str, Any]) -> None:
    assert refused(tmp_path, **sections) == {NONE: NONE}


def test_the_fork_knows_fewer_values(tmp_path: Path) -> None:
    for train in ({"optimizer": "automagic3"}, {**FLOW, "timestep_type": "four_step"}):
        assert refused(tmp_path, AI_TOOLKIT, train=train) == {NONE: NONE}
        assert refused(tmp_path, None, train=train) == {NONE: NONE}
        assert NONE not in refused(tmp_path, RELAXIS, train=train)


@pytest.mark.parametrize(
    ("validation", "done"),
    [
        ({"validation_items": [PICTURE]}, True),
        ({"validation_items": [{"image_path": ""}]}, False),
        ({"validation_items": []}, False),
        (None, False),
    ],
)
def test_a_picture_is_needed(tmp_path: Path, validation: Any, *, done: bool) -> None:
    config = config_of(tmp_path, train={"validation_config": validation})
    assert model(AI_TOOLKIT).validates(config) is done
    assert not model(RELAXIS).validates(config)


def test_an_image_to_video_run_ends_at_its_first_validation(tmp_path: Path) -> None:
    train = {"validation_config": {"validation_items": [PICTURE]}}
    for base, trainer, path in ((WAN, AI_TOOLKIT, "train.validation_config"), (T2V, AI_TOOLKIT, NONE), (WAN, RELAXIS, NONE)):  # fmt: skip
        record = recorder()
        record_refusals(config_of(tmp_path, trainer, model=base, train=train), model(trainer), record)
        assert [s for (name, s), _ in facts_of(record).items() if name == "config.refused_setting"] == [path]
