"""Values of another kind than the trainer takes. Each of these ends a run, or does what nobody means by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import TRAINERS, config_of, facts_of, model, recorder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trainer_names import AI_TOOLKIT, BOTH, RELAXIS

from diagnose.facts.config.key_faults import record_values
from diagnose.facts.recorder import NONE
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.declared import Config

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
RATES = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
PREVIEWS = {"samples": [{"prompt": "x"}], "neg": ""}


def facts(folder: Path, trainer: str = RELAXIS, **sections: Any) -> dict[tuple[str, str], Any]:
    record = recorder()
    config = config_of(folder, trainer, **{"model": WAN, **sections})
    record_values(config, model(trainer), model(trainer).rates(config), record)
    return {key: fact.value for key, fact in facts_of(record).items() if fact.known and fact.subject != NONE}


@pytest.mark.parametrize("trainer", list(BOTH))
@pytest.mark.parametrize(
    ("sections", "path", "ends"),
    [
        ({"train": {"lr": None}}, "train.lr", "as it sets up the optimizer"),
        ({"train": {"steps": None}}, "train.steps", "before its first step"),
        ({"train": {"switch_boundary_every": None}}, "train.switch_boundary_every", "at its first step"),
        ({"train": {"gradient_accumulation": None}}, "train.gradient_accumulation", "at its start"),
        ({"train": {"lr_scheduler_params": None}}, "train.lr_scheduler_params", "as it sets up the scheduler"),
        ({"model": {**WAN, "model_kwargs": None}}, "model.model_kwargs", "as it loads the model"),
        ({"save": {"max_step_saves_to_keep": None}}, "save.max_step_saves_to_keep", "at its first save"),
        ({"network": {"network_kwargs": None}}, "network.network_kwargs", "as it builds the LoRA"),
        ({"datasets": [{"resolution": None}]}, "datasets[0].resolution", "as it sorts the data set by size"),
        ({"datasets": [{}, {"num_frames": None}]}, "datasets[1].num_frames", "as it reads the data set"),
        ({"sample": {"samples": None}}, "sample.samples", "at its start"),
        ({"sample": {**PREVIEWS, "width": None}}, "sample.width", "before the first step"),
        ({"sample": {**PREVIEWS, "seed": None}}, "sample.seed", "before the first step"),
        ({"train": {"optimizer": "automagic", "optimizer_params": {"weight_decay": None}}}, "train.optimizer_params.weight_decay", "within its first steps"),
    ],
)  # fmt: skip
def test_a_null_is_no_absent_key(tmp_path: Path, trainer: str, sections: Any, path: str, ends: str) -> None:
    assert facts(tmp_path, trainer, **sections) == {("config.null_refused", path): ends}


def test_a_rate_of_one_expert_may_be_null_only_where_it_is_not_read(tmp_path: Path) -> None:
    params = {"high_noise_lr_bump": None, "low_noise_lr_bump": 5e-6}
    read = {"optimizer": "automagic", "optimizer_params": {**RATES, **params}}
    dropped = {"optimizer": "automagic", "optimizer_params": params}
    assert ("config.null_refused", "train.optimizer_params.high_noise_lr_bump") in facts(tmp_path, train=read)
    assert facts(tmp_path, train=dropped) == {}


@pytest.mark.parametrize(
    "sections",
    [
        {"network": None, "train": None, "save": {"save_every": 100}, "logging": {"log_every": None}},
        {"train": {"ema_config": None, "optimizer_params": None, "snr_gamma": None}},
        {"model": {"arch": "flux", "name_or_path": "a/b", "model_kwargs": None}, "train": {"switch_boundary_every": None}},
        {"sample": {"width": None, "seed": None}},
        {"sample": {"samples": [{"prompt": "x", "width": 480, "seed": 1}], "width": None, "seed": None}},
        {"sample": {**PREVIEWS, "fps": None}},
        {"datasets": [{"fps": None, "shrink_video_to_frames": True}]},
        {"network": {"linear": 16, "rank": None}},
    ],
)  # fmt: skip
def test_a_null_that_does_no_harm(tmp_path: Path, sections: Any) -> None:
    assert facts(tmp_path, **sections) == {}


@pytest.mark.parametrize(
    ("sections", "path", "shown", "meant"),
    [
        ({"train": {"steps": "100"}}, "train.steps", '"100"', 100),
        ({"train": {"steps": 2000.0}}, "train.steps", "2000.0", 2000),
        ({"train": {"steps": "2.0e+3"}}, "train.steps", '"2.0e+3"', 2000),
        ({"train": {"lr": "1.0e-4"}}, "train.lr", '"1.0e-4"', 1e-4),
        ({"save": {"save_every": "250"}}, "save.save_every", '"250"', 250),
        ({"network": {"linear": "32"}}, "network.linear", '"32"', 32),
        ({"datasets": [{"num_frames": "81"}]}, "datasets[0].num_frames", '"81"', 81),
        ({"sample": {**PREVIEWS, "guidance_scale": "4"}}, "sample.guidance_scale", '"4"', 4),
    ],
)
def test_a_number_that_is_no_number(tmp_path: Path, sections: Any, path: str, shown: str, meant: float) -> None:
    assert facts(tmp_path, **sections) == {("config.number_as_text", path): shown, ("config.number_meant", path): meant}


@pytest.mark.parametrize(
    ("sections", "path", "says"),
    [
        ({"train": {"optimizer_params": ["lr_bump"]}}, "train.optimizer_params", "a list, where the trainer takes a section of keys; it stops as it sets up the optimizer"),
        ({"train": {"ema_config": True}}, "train.ema_config", "true, where the trainer takes a section of keys; it stops at its start"),
        ({"train": {"steps": "many"}}, "train.steps", "many, where the trainer takes a whole number; it stops before its first step"),
        ({"train": {"steps": 99.5}}, "train.steps", "99.5, where the trainer takes a whole number; it stops before its first step"),
        ({"model": {**WAN, "model_kwargs": "train_high_noise"}}, "model.model_kwargs", "train_high_noise, where the trainer takes a section of keys; it stops as it loads the model"),
        ({"sample": {"samples": {"prompt": "x"}}}, "sample.samples", "a section, where the trainer takes a list; it stops at its start"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind(tmp_path: Path, sections: Any, path: str, says: str) -> None:
    assert facts(tmp_path, **sections) == {("config.wrong_kind", path): says}


def test_the_forks_schedule_is_a_section(tmp_path: Path) -> None:
    network = {"alpha_schedule": True}
    assert facts(tmp_path, AI_TOOLKIT, network=network) == {}
    assert ("config.wrong_kind", "network.alpha_schedule") in facts(tmp_path, network=network)


@pytest.mark.parametrize(
    ("section", "value", "path"),
    [("train", "adamw", "train"), ("datasets", {"a": 1}, "datasets"), ("datasets", ["clips"], "datasets[0]")],
)
def test_whole_parts_of_another_kind_are_told_as_settings_that_are_refused(
    tmp_path: Path, section: str, value: Any, path: str
) -> None:
    config = config_of(tmp_path, **{section: value})
    assert [each.key for each in (config.model.misfits(config, None) or ()) if each.fault == "part"] == [path]


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"train": {"ema_config": {"use_ema": "false"}}}, "train.ema_config.use_ema"),
        ({"train": {"disable_sampling": "No"}}, "train.disable_sampling"),
        ({"model": {**WAN, "model_kwargs": {"train_low_noise": "off"}}}, "model.model_kwargs.train_low_noise"),
        ({"datasets": [{"cache_latents": "false"}]}, "datasets[0].cache_latents"),
    ],
)
def test_text_is_on_whatever_it_says(tmp_path: Path, sections: Any, path: str) -> None:
    assert {key for key, _ in facts(tmp_path, **sections).items()} == {("config.switch_as_text", path)}


@pytest.mark.parametrize("value", [False, True, 0, 1, "true", "yes", "", None])
def test_a_switch_that_means_what_it_does(tmp_path: Path, value: Any) -> None:
    assert facts(tmp_path, train={"skip_first_sample": value}) == {}


@pytest.mark.parametrize(
    ("sections", "path", "grave"),
    [
        ({"network": {"linear": None}}, "network.linear", False),
        ({"save": {"save_every": 0}}, "save.save_every", False),
        ({"sample": {"prompts": "a person walks"}}, "sample.prompts", False),
        ({"train": {"max_grad_norm": 0}}, "train.max_grad_norm", True),
        ({"train": {"lr_scheduler": "linear"}}, "train.lr_scheduler", False),
        ({"datasets": [{"caption_dropout_rate": 5}]}, "datasets[0].caption_dropout_rate", False),
        ({"train": {"optimizer": "automagic", "optimizer_params": {"min_lr": None}}}, "train.optimizer_params.min_lr", True),
    ],
)  # fmt: skip
def test_what_a_value_does_unseen(tmp_path: Path, sections: Any, path: str, *, grave: bool) -> None:
    found = facts(tmp_path, **sections)
    assert {subject for _, subject in found} == {path}
    assert found["config.unseen_is_grave", path] is grave


@pytest.mark.parametrize(
    "sections",
    [
        {"network": {"linear": None, "rank": 16}},
        {"train": {"max_grad_norm": 1.0, "lr_scheduler": "constant"}},
        {"datasets": [{"caption_dropout_rate": 0.99}]},
    ],
)
def test_values_that_mean_what_they_say(tmp_path: Path, sections: Any) -> None:
    assert facts(tmp_path, **sections) == {}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
PATHS = sorted({each.path for each in TRAINERS[RELAXIS].values})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PATHS), ANYTHING, st.sampled_from(list(BOTH)))
def test_any_value_at_any_key_is_judged(path: str, value: Any, trainer: str) -> None:
    data: Any = value
    for step in reversed(path.replace("[]", ".[]").split(".")):
        data = [data] if step == "[]" else {step: data}
    config = Config(
        ConfigReading("c.yaml", "", data if isinstance(data, dict) else {}, "", {"": 1}, ()), model(trainer)
    )
    record_values(config, model(trainer), model(trainer).rates(config), recorder())
