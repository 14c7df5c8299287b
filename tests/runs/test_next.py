"""The advice survives its own medicine: a config the tool emits has nothing more to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose import Report, Settings, next_config, preflight
from diagnose.model import Intent, Trainer

SHARED = Path(__file__).parents[3] / "shared" / "cases" / "configs"
PUBLIC = sorted(SHARED.glob("*.yaml"))
ANY_RATE = st.sampled_from([1e-7, 5e-6, 1e-5, 2e-5, 1e-4, 5e-4, 2e-3])
PER_EXPERT = [f"{side}_noise_{bound}" for side in ("high", "low") for bound in ("lr_bump", "min_lr", "max_lr")]


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """Training configs as people write them, with anything left out."""
    params = draw(st.dictionaries(st.sampled_from([*PER_EXPERT, "lr_bump", "min_lr", "max_lr"]), ANY_RATE))
    train = draw(
        st.fixed_dictionaries(
            {"steps": st.sampled_from([100, 500, 1800, 2200, 3000, 10000]), "noise_scheduler": st.just("flowmatch")},
            optional={
                "optimizer": st.sampled_from(["automagic", "adamw", "adamw8bit"]),
                "lr": ANY_RATE,
                "switch_boundary_every": st.sampled_from([1, 2, 10, 100]),
                "gradient_accumulation": st.sampled_from([1, 2]),
                "timestep_type": st.sampled_from(["linear", "sigmoid", "weighted", "one_step"]),
                "min_snr_gamma": st.just(5),
                "content_or_style": st.sampled_from(["balanced", "style"]),
            },
        )
    )
    model = {
        "name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16",
        "arch": "wan22_14b_i2v",
        "low_vram": draw(st.booleans()),
        "model_kwargs": draw(st.sampled_from([{}, {"train_low_noise": False}])),
    }
    return {
        "type": "diffusion_trainer",
        "network": {"type": "lora", "linear": draw(st.sampled_from([16, 64])), "alpha_schedule": draw(schedules())},
        "save": {"save_every": draw(st.sampled_from([20, 100, 250])), "max_step_saves_to_keep": draw(st.integers(1, 40))},
        "datasets": [{"folder_path": "clips", "num_frames": draw(st.sampled_from([1, 33, 40, 81])),
                      "cache_latents": draw(st.booleans())}],
        "train": {**train, "optimizer_params": params},
        "model": model,
        "sample": {"sample_every": draw(st.sampled_from([100, 250, 400])), "fps": draw(st.sampled_from([16, 24]))},
    }  # fmt: skip


def schedules() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"enabled": st.booleans()}, optional={"linear_alpha": st.sampled_from([8, 16, 64])})


def emitted(source: Path, folder: Path, chosen: Settings) -> tuple[Report, Report]:
    """The report on a config, and the pre-flight of the config it emits."""
    first = next_config(source, chosen)
    assert first.next.config is not None, first.next.note
    target = folder / "next.yaml"
    target.write_text(first.next.config, encoding="utf-8")
    return first, preflight(target, chosen)


def hold(first: Report, second: Report) -> None:
    assert not first.next.conflicts
    assert [change for change in second.next.changes if change.path] == []
    assert second.next.config == first.next.config


@given(
    process=configs(),
    trainer=st.sampled_from([None, *Trainer]),
    intent=st.sampled_from([None, *Intent]),
    strategy=st.sampled_from(["recommended", "conservative"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_emitted_config_asks_for_no_further_change(
    tmp_path_factory: pytest.TempPathFactory,
    process: dict[str, Any],
    trainer: Trainer | None,
    intent: Intent | None,
    strategy: str,
) -> None:
    folder = tmp_path_factory.mktemp("next")
    source = folder / "config.yaml"
    source.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}}))
    hold(*emitted(source, folder, Settings(trainer=trainer, intent=intent, strategy=strategy)))


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.stem)
def test_public_configs_are_mended_once_and_for_all(path: Path, tmp_path: Path) -> None:
    hold(*emitted(path, tmp_path, Settings(trainer=Trainer.FORK, intent=Intent.MOTION)))


@pytest.mark.parametrize("name", ["document_motion_4x", "document_motion_3x"])
def test_the_documents_own_configs_are_not_passed_as_fine(name: str) -> None:
    path = SHARED / f"{name}.yaml"
    if not path.is_file():
        pytest.skip("the public configs are not here")
    report = preflight(path)
    assert report.findings[0].name == "per-expert-lr-not-in-effect"
    assert {change.path for change in report.findings[0].changes} >= {
        f"train.optimizer_params.{key}" for key in ("lr_bump", "min_lr", "max_lr")
    }
