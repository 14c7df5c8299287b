"""The advice survives its own medicine: a config the tool emits has nothing more to change."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from config_spellings import spellings
from followed import followed
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from labelled_runs import DATA, once
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, BOTH, RELAXIS

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent
from diagnose.domains.wan22.experts import Expert

pytestmark = pytest.mark.usefixtures("one_reader")
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "configs"
PUBLIC = sorted(SHARED.glob("*.yaml"))
RUNS = once(SHARED.parent / "real", DATA)
ANY_RATE = st.sampled_from([1e-7, 5e-6, 1e-5, 2e-5, 1e-4, 5e-4, 2e-3])
REFUSED = "used in several places|used elsewhere"
"""Why a config may be left alone: an anchor holds what would change."""
PER_EXPERT = [f"{side}_noise_{bound}" for side in ("high", "low") for bound in ("lr_bump", "min_lr", "max_lr")]


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """Training configs as people write them, with anything left out."""
    params = draw(st.dictionaries(st.sampled_from([*PER_EXPERT, "lr_bump", "min_lr", "max_lr", "d_coef"]), ANY_RATE))
    params |= draw(st.sampled_from([{}, {"decouple": True, "eps": 1e-8}, {"betas": [0.9, 0.99]}]))
    train = draw(
        st.fixed_dictionaries(
            {"noise_scheduler": st.sampled_from(["flowmatch", "flowmatch", "ddpm"])},
            optional={
                "steps": st.sampled_from([100, 500, 1801, 2200, 3000, 10000]),
                "optimizer": st.sampled_from(["automagic", "automagic", "adamw", "AdamW8bit", "prodigy", "automagic2"]),
                "lr": ANY_RATE,
                "unet_lr": ANY_RATE,
                "switch_boundary_every": st.sampled_from([1, 2, 10, 100]),
                "gradient_accumulation": st.sampled_from([1, 2]),
                "gradient_accumulation_steps": st.sampled_from([1, 4]),
                "timestep_type": st.sampled_from(["linear", "sigmoid", "weighted", "one_step"]),
                "min_snr_gamma": st.just(5),
                "snr_gamma": st.sampled_from([5, None]),
                "learnable_snr_gos": st.booleans(),
                "content_or_style": st.sampled_from(["balanced", "style"]),
                "unload_text_encoder": st.booleans(),
                "ema_config": st.just({"use_ema": True}),
                "max_step_saves": st.just(4),
            },
        )
    )
    model = draw(
        st.fixed_dictionaries(
            {
                "name_or_path": st.sampled_from(["ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "models/wan-local"]),
                "arch": st.sampled_from(["wan22_14b_i2v", "wan22_14b_i2v", "wan22_14b", "wan22_14b:i2v"]),
            },
            optional={
                "low_vram": st.booleans(),
                "model_kwargs": st.sampled_from([None, {}, {"train_low_noise": False}, {"train_high_noise": False}]),
                "lora_path": st.just("old.safetensors"),
            },
        )
    )
    return draw(
        st.fixed_dictionaries(
            {
                "type": st.just("diffusion_trainer"),
                "network": st.fixed_dictionaries(
                    {"type": st.just("lora"), "linear": st.sampled_from([16, 64])},
                    optional={"alpha_schedule": schedules()},
                ),
                "datasets": st.lists(datasets(), min_size=1, max_size=2),
                "train": st.just({**train, "optimizer_params": params} if params else train),
                "model": st.just(model),
            },
            optional={
                "name": st.just("job_2"),
                "save": st.fixed_dictionaries(
                    {"save_every": st.sampled_from([20, 100, 250])},
                    optional={"max_step_saves_to_keep": st.integers(1, 40)},
                ),
                "sample": st.fixed_dictionaries(
                    {}, optional={"sample_every": st.sampled_from([100, 250, 400]), "fps": st.sampled_from([16, 24])}
                ),
            },
        )
    )


def datasets() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"folder_path": st.just("clips")},
        optional={
            "num_frames": st.sampled_from([1, 33, 40, 81]),
            "cache_latents": st.booleans(),
            "cache_latents_to_disk": st.booleans(),
            "shrink_video_to_frames": st.booleans(),
            "fps": st.sampled_from([16, 24]),
        },
    )


def schedules() -> st.SearchStrategy[dict[str, Any]]:
    criteria = st.fixed_dictionaries({}, optional={"min_gradient_stability": st.sampled_from([0.45, 0.5, 0.9])})
    phase = st.fixed_dictionaries({"alpha": st.sampled_from([8, 14])}, optional={"exit_criteria": criteria})
    return st.fixed_dictionaries(
        {"enabled": st.booleans()},
        optional={
            "linear_alpha": st.sampled_from([8, 16, 64]),
            "conv_alpha_phases": st.dictionaries(st.sampled_from(["foundation", "balance"]), phase, max_size=2),
        },
    )


MANY = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # an example takes too long for many rounds of shrinking
    suppress_health_check=[HealthCheck.too_slow],
)
WISHES = st.builds(
    Settings,
    trainer=st.sampled_from([None, *BOTH]),
    intent=st.sampled_from([None, *Intent]),
    strategy=st.sampled_from(["recommended", "conservative"]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("next")


def test_rates_per_expert_come_with_the_shared_keys_that_they_need(folder: Path) -> None:
    params = {"min_lr": 5e-06, "lr_bump": 5e-06, "low_noise_lr_bump": 1e-07}
    train = {"optimizer": "automagic", "switch_boundary_every": 10, "steps": 1801, "optimizer_params": params}
    model = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}
    process = {"type": "diffusion_trainer", "network": {"type": "lora", "linear": 16}, "train": train, "model": model}
    source = folder / "one_shared_key_short.json"
    source.write_text(json.dumps({"job": "extension", "config": {"name": "job", "process": [process]}}))
    chosen = Settings(intent=Intent.MOTION, trainer=RELAXIS)
    first = preflight(source, chosen)
    assert {change.path for change in first.next.changes} >= {"train.optimizer_params.max_lr"}
    followed(first, folder, chosen)


def test_the_forecast_is_of_the_config_that_is_written(folder: Path) -> None:
    """The architecture is mended, and only then it shows that the run is for motion and wants rates per expert."""
    model = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b"}
    train = {"optimizer": "adamw8bit", "lr": 5e-06, "steps": 2200, "switch_boundary_every": 100}
    process = {
        "type": "diffusion_trainer",
        "network": {"type": "lora", "linear": 16},
        "train": train,
        "model": model,
        "datasets": [{"folder_path": "clips", "num_frames": 81}],
        "save": {"save_every": 100, "max_step_saves_to_keep": 22},
    }
    source = folder / "another_architecture.json"
    source.write_text(json.dumps({"job": "extension", "config": {"name": "job", "process": [process]}}))
    first = next_config(source, Settings(trainer=RELAXIS))
    assert first.forecast is None
    assert first.next.forecast is not None
    followed(first, folder, Settings(trainer=RELAXIS))


@given(process=configs(), chosen=WISHES, draws=st.data())
@MANY
def test_an_emitted_config_asks_for_no_further_change(
    folder: Path, process: dict[str, Any], chosen: Settings, draws: st.DataObject
) -> None:
    text, suffix = draws.draw(spellings(process))
    source = folder / f"config{suffix}"
    source.write_bytes(text.encode())
    first = next_config(source, chosen)
    if first.next.config is None:
        assert re.search(REFUSED, first.next.note)
        return
    followed(first, folder, chosen)


@given(process=configs(), chosen=WISHES, draws=st.data())
@MANY
def test_a_pair_of_configs_asks_for_no_further_change(
    folder: Path, process: dict[str, Any], chosen: Settings, draws: st.DataObject
) -> None:
    text, suffix = draws.draw(spellings(process))
    source = folder / f"config{suffix}"
    source.write_bytes(text.encode())
    chosen = replace(chosen, intent=Intent.MOTION, split=True)
    first, refused = split(source, chosen)
    if first is None:
        assert re.search(f"{REFUSED}|^split: ", refused)
        return
    assert first.next.config is None
    high, low = (parsed(each.config, suffix) for each in first.next.configs)
    assert high["model"]["model_kwargs"] == {"train_high_noise": True, "train_low_noise": False}
    assert low["model"]["model_kwargs"] == {"train_high_noise": False, "train_low_noise": True}
    for each in (high, low):
        assert 900 <= each["train"]["steps"] <= 1100
        assert each["train"]["timestep_type"] == "linear"
        assert not {*PER_EXPERT} & {*each["train"].get("optimizer_params", {})}
        assert not any(each["train"].get(key) for key in ("min_snr_gamma", "snr_gamma", "learnable_snr_gos"))
    ratio = first.next.outlook[1 + (chosen.strategy == "conservative")].lr_ratio
    assert ratio is not None
    assert 3 <= ratio <= 5
    followed(first, folder, chosen)


def split(source: Path, chosen: Settings) -> tuple[Report | None, str]:
    """The report, or why the config is refused."""
    try:
        return next_config(source, chosen), ""
    except DiagnoseError as error:
        return None, str(error)


def parsed(text: str, suffix: str) -> Any:
    """The process entry of a config's text."""
    target = io.StringIO(text.removeprefix("\ufeff"))
    whole = json.load(target) if suffix.startswith(".json") else yaml.safe_load(target)
    entries = whole["config"]["process"] if "config" in whole else [whole]
    return next(entry for entry in entries if entry["type"] == "diffusion_trainer")


@pytest.mark.parametrize(
    ("intent", "strategy"),
    [(Intent.MOTION, "recommended"), (Intent.MOTION, "conservative"), (Intent.CHARACTER, "recommended")],
)
@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.name)
def test_the_next_config_of_a_run_asks_for_no_further_change(
    run: Path, intent: Intent, strategy: str, tmp_path: Path
) -> None:
    chosen = Settings(intent=intent, strategy=strategy, agreement=0.486)
    followed(next_config(run, chosen), tmp_path, chosen)


@pytest.mark.parametrize(
    "run", [run for run in RUNS if "upstream" in run.name or "main" in run.name], ids=lambda path: path.name
)
def test_an_upstream_run_can_be_followed_by_two(run: Path, tmp_path: Path) -> None:
    chosen = Settings(intent=Intent.MOTION, agreement=0.486, split=True)
    first = next_config(run, chosen)
    assert [each.expert for each in first.next.configs] == list(Expert)
    followed(first, tmp_path, chosen)


@pytest.mark.parametrize("name", ["document_motion_4x", "document_motion_3x"])
def test_the_documents_own_configs_are_not_passed_as_fine(name: str) -> None:
    path = SHARED / f"{name}.yaml"
    if not path.is_file():
        pytest.skip("the public configs are not here")
    report = preflight(path)
    assert [each.name for each in report.findings[:2]] == ["negative-prompt-missing", "per-expert-lr-not-in-effect"]
    assert {change.path for change in report.findings[1].changes} >= {
        f"train.optimizer_params.{key}" for key in ("lr_bump", "min_lr", "max_lr")
    }


def test_a_pair_that_cannot_be_written_is_not_advised_and_stops_nothing(folder: Path) -> None:
    """The model stands in one place and is used in two, so that no key can be written into it."""
    text = (
        "job: extension\nconfig:\n  name: job\n  process:\n"
        "  - type: diffusion_trainer\n    network: {type: lora, linear: 16}\n"
        "    model: &shared\n      name_or_path: ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16\n      arch: wan22_14b_i2v\n"
        "    train: {optimizer: adamw8bit, lr: 5.0e-05, steps: 2200, switch_boundary_every: 100}\n"
        "    datasets: [{folder_path: clips, num_frames: 81}]\n"
        "    other: *shared\n"
    )
    source = folder / "shared_model.yaml"
    source.write_text(text)
    plan = next_config(source, Settings(trainer=AI_TOOLKIT, intent=Intent.MOTION)).next
    assert plan.advised is None
    assert not plan.apart
