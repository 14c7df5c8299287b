"""No fault of the input is kept: whatever `next` can put right it puts right, in one go and for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from followed import emitted, followed
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.values import Intent, Severity
from diagnose.verdict.next.next_config import edits

pytestmark = pytest.mark.usefixtures("one_reader")
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "configs"
RUNS = sorted(path.parent for path in (Path(__file__).parent / "data").glob("*/config.yaml"))
PUBLIC = sorted(SHARED.glob("*.yaml"))
WAYS = [
    (None, None, "recommended"),
    (RELAXIS, None, "recommended"),
    (RELAXIS, Intent.MOTION, "recommended"),
    (RELAXIS, Intent.MOTION, "conservative"),
    (AI_TOOLKIT, Intent.MOTION, "recommended"),
    (AI_TOOLKIT, Intent.CHARACTER, "recommended"),
    (RELAXIS, Intent.CHARACTER, "recommended"),
    (None, Intent.STYLE, "recommended"),
]
"""Of all combinations those that differ most; all of them together take minutes."""
SAMPLE = {"sampler": "flowmatch", "width": 832, "height": 480, "num_frames": 41, "fps": 16, "sample_every": 100}
PROMPT = {"prompt": "a wave", "ctrl_img": "first.png"}
BASE: dict[str, Any] = {
    "job": "extension",
    "config": {
        "name": "wave",
        "process": [
            {
                "type": "diffusion_trainer",
                "network": {"type": "lora", "linear": 32, "linear_alpha": 32},
                "save": {"dtype": "bf16", "save_every": 100, "max_step_saves_to_keep": 22},
                "datasets": [{"folder_path": "clips", "num_frames": 41, "resolution": [512], "fps": 16}],
                "train": {
                    "steps": 2200,
                    "lr": 1e-4,
                    "optimizer": "adamw8bit",
                    "noise_scheduler": "flowmatch",
                    "timestep_type": "linear",
                    "switch_boundary_every": 100,
                },
                "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"},
                "sample": {**SAMPLE, "neg": "", "samples": [PROMPT]},
            }
        ],
    },
}


def with_fault(path: str, value: Any) -> dict[str, Any]:
    """The sound config with one key set, or left out where the value is ...."""
    config: dict[str, Any] = yaml.safe_load(yaml.safe_dump(BASE))
    holder: Any = config if path == "job" else config["config"]["process"][0]
    *parents, last = path.split(".")
    for step in parents:
        holder = holder[int(step)] if step.isdigit() else holder.setdefault(step, {})
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return config


def hold(report: Report, folder: Path, chosen: Settings) -> None:
    """What is written is asked for nothing more, and comes out of `next` byte for byte as it went in."""
    for second in followed(report, folder, chosen):
        grave = [each for each in second.findings if each.severity.rank <= Severity.MAJOR.rank]
        assert [(each.name, edits(each.changes)) for each in grave if edits(each.changes)] == []


FAULTS = [
    ("train.lr", 1e20),
    ("train.lr", 0.3),
    ("train.lr", ...),
    ("sample.neg", ...),
    ("sample.neg", None),
    ("job", ...),
    ("train.steps", None),
    ("train.switch_boundary_every", None),
    ("model.model_kwargs", None),
    ("train.ema_config", {"use_ema": True, "ema_decay": 0.9999}),
    ("save.max_step_saves_to_keep", 1),
]


@pytest.mark.parametrize("split", [False, True], ids=["one", "two"])
@pytest.mark.parametrize(("path", "value"), FAULTS, ids=str)
def test_a_fault_is_put_right_upstream(path: str, value: Any, split: bool, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(with_fault(path, value), sort_keys=False))
    chosen = Settings(trainer=AI_TOOLKIT, intent=Intent.MOTION, split=split)
    report = next_config(config, chosen)
    hold(report, tmp_path, chosen)
    for text in emitted(report):
        document = yaml.safe_load(text)
        process = document["config"]["process"][0]
        assert document["job"] == "extension"
        assert 2e-5 <= process["train"]["lr"] <= 1e-3
        assert process["sample"]["neg"] == ""
        assert not process["train"].get("ema_config", {}).get("use_ema")
        assert process["save"]["max_step_saves_to_keep"] >= 11
        assert None not in process["train"].values()


@pytest.mark.parametrize(("path", "value"), FAULTS, ids=str)
def test_a_fault_is_put_right_on_the_fork(path: str, value: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(with_fault(path, value), sort_keys=False))
    chosen = Settings(trainer=RELAXIS, intent=Intent.MOTION)
    hold(next_config(config, chosen), tmp_path, chosen)


@pytest.mark.parametrize(("trainer", "intent", "strategy"), WAYS, ids=str)
@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.stem)
def test_public_configs_keep_no_fault_that_next_can_mend(
    path: Path, trainer: str | None, intent: Intent | None, strategy: str, tmp_path: Path
) -> None:
    chosen = Settings(trainer=trainer, intent=intent, strategy=strategy)
    hold(next_config(path, chosen), tmp_path, chosen)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
@pytest.mark.parametrize(("intent", "strategy"), [(None, "recommended"), (Intent.CHARACTER, "conservative")], ids=str)
def test_the_next_config_of_a_run_is_never_graver_than_the_one_it_came_from(
    run: Path, intent: Intent | None, strategy: str, tmp_path: Path
) -> None:
    """Whatever severity --fail-on names, a pre-flight that let the old config through lets the new one through."""
    report = next_config(run, Settings(intent=intent, strategy=strategy))
    chosen = Settings(intent=intent, strategy=strategy, trainer=report.run.trainer or None)
    before = gravest(preflight(run / "config.yaml", chosen))
    for text in [report.next.config, *(each.config for each in report.next.shown.configs)]:
        if text is not None:
            (tmp_path / "next.yaml").write_text(text)
            assert gravest(preflight(tmp_path / "next.yaml", chosen)) >= before


def gravest(report: Report) -> int:
    return min((each.severity.rank for each in report.findings), default=Severity.GOOD.rank)
