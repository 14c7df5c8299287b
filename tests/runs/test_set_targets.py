"""One home for a number: a target that the user sets moves the next config, and the pre-flight of it has nothing to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trainer_names import RELAXIS

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.values import Intent, Severity
from diagnose.verdict.next.next_config import edits

pytestmark = pytest.mark.usefixtures("one_reader")
BOUNDS = {"lr_bump": 5e-6, "min_lr": 8e-6, "max_lr": 3e-4, "high_noise_lr_bump": 1e-5, "low_noise_lr_bump": 5e-6}
TRAIN = {
    "optimizer": "automagic",
    "lr": 1e-5,
    "steps": 10000,
    "batch_size": 1,
    "gradient_accumulation": 1,
    "noise_scheduler": "flowmatch",
    "timestep_type": "linear",
    "switch_boundary_every": 100,
    "optimizer_params": BOUNDS,
}
PROCESS = {
    "type": "sd_trainer",
    "network": {"type": "lora", "linear": 64, "linear_alpha": 64},
    "train": TRAIN,
    "save": {"save_every": 400, "max_step_saves_to_keep": 4},
    "sample": {"sample_every": 400, "neg": "", "samples": [{"prompt": "a jump", "ctrl_img": "a.png"}]},
    "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"},
}
TARGETS = {
    "lr-ratio-too-small", "lr-ratio-too-large", "steps-configured-too-many", "steps-configured-too-few",
    "save-cadence-too-coarse", "sample-cadence-too-coarse", "best-checkpoint-pruned", "learning-rate-extreme",
}  # fmt: skip


def written(folder: Path, **train: Any) -> Path:
    path = folder / "config.yaml"
    process = {**PROCESS, "train": {**TRAIN, **train}}
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "x", "process": [process]}}))
    return path


def said(report: Report) -> list[str]:
    return [text for finding in report.findings for text in (finding.title, finding.message)] + [
        text for item in report.plan for text in (item.says,)
    ]


def emitted(folder: Path, chosen: dict[str, str], trainer: str, strategy: str) -> tuple[Report, Report]:
    asked = Settings(intent=Intent.MOTION, trainer=trainer, parameters=chosen, strategy=strategy)
    first = next_config(written(folder), asked)
    assert first.next.config is not None
    again = folder / "next.yaml"
    again.write_text(first.next.config)
    return first, preflight(again, asked)


def assert_content(after: Report) -> None:
    """The pre-flight of a config that was just written finds no target missed, and no key to change."""
    assert [f.message for f in after.findings if f.name in TARGETS and f.severity.rank < Severity.INFO.rank] == []
    assert [(c.path, c.old, c.new) for c in edits(after.next.changes)] == []


@pytest.mark.parametrize("strategy", ["recommended", "conservative"])
@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        ({"steps_min": "5000", "steps_max": "6000"}, {"train.steps": 6000}),
        ({"steps_min": "300", "steps_max": "400"}, {"train.steps": 400}),
        ({"save_every": "50"}, {"save.save_every": 50}),
        ({"sample_every": "200"}, {"sample.sample_every": 200}),
    ],
)
def test_a_target_that_is_set_is_what_is_written(
    tmp_path: Path, chosen: dict[str, str], keys: dict[str, int], strategy: str
) -> None:
    first, after = emitted(tmp_path, chosen, RELAXIS, strategy)
    assert {change.path: change.new for change in edits(first.next.changes)}.items() >= keys.items()
    assert_content(after)


@pytest.mark.parametrize(("low", "high"), [(7, 9), (1.2, 1.6), (2, 2.5), (10, 14)])
@pytest.mark.parametrize("strategy", ["recommended", "conservative"])
def test_the_recipe_comes_to_the_ratio_that_is_set(tmp_path: Path, low: float, high: float, strategy: str) -> None:
    chosen = {"lr_ratio_min": str(low), "lr_ratio_max": str(high)}
    first, after = emitted(tmp_path, chosen, RELAXIS, strategy)
    assert first.next.forecast is not None
    assert low * 0.95 <= first.next.forecast.points[-1].lr_ratio <= high * 1.05
    assert_content(after)


def test_a_ratio_that_no_usual_rates_come_to_is_said_to_be_missed(tmp_path: Path) -> None:
    chosen = {"lr_ratio_min": "80", "lr_ratio_max": "90"}
    first, after = emitted(tmp_path, chosen, RELAXIS, "recommended")
    assert "lr-ratio-too-small" in {fault.name for fault in first.next.standing}
    assert "lr-ratio-too-small" in {finding.name for finding in after.findings}
    assert not edits(after.next.changes)


def test_no_sentence_keeps_the_number_that_was_replaced(tmp_path: Path) -> None:
    chosen = {
        "steps_min": "5000",
        "steps_max": "6000",
        "save_every": "40",
        "sample_every": "40",
        "lr_ratio_min": "7",
        "lr_ratio_max": "9",
    }
    asked = Settings(intent=Intent.MOTION, trainer=RELAXIS, parameters=chosen)
    report = preflight(written(tmp_path), asked)
    texts = said(report) + [item.says for item in report.checklist]
    for old in ("1800", "2200", "2000 steps", "every 100", "3 to 5", "between 3 and 5"):
        assert [text for text in texts if old in text and "document's run" not in text] == []
    assert any("5000 and 6000" in text for text in texts)


@st.composite
def targets(draw: st.DrawFn) -> dict[str, str]:
    """Targets as somebody might want them."""
    shortest = draw(st.integers(200, 8000))
    least = draw(st.floats(1, 12).map(lambda value: round(value, 1)))
    wanted = {
        "steps_min": shortest,
        "steps_max": shortest + draw(st.integers(0, 2000)),
        "save_every": draw(st.sampled_from([20, 50, 100, 250])),
        "sample_every": draw(st.sampled_from([50, 100, 250])),
        "lr_ratio_min": least,
        # a narrower range than the forecast's own band is met by no rates
        "lr_ratio_max": round(least * draw(st.floats(1.25, 2)), 2),
    }
    chosen = draw(st.sets(st.sampled_from(["steps", "save_every", "sample_every", "lr_ratio"]), min_size=1))
    return {
        name: str(value) for name, value in wanted.items() if name.removesuffix("_min").removesuffix("_max") in chosen
    }


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(chosen=targets(), strategy=st.sampled_from(["recommended", "conservative"]))
def test_what_is_written_suits_whatever_targets_are_set(tmp_path: Path, chosen: dict[str, str], strategy: str) -> None:
    _, after = emitted(tmp_path, chosen, RELAXIS, strategy)
    assert_content(after)
