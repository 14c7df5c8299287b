"""Numbers that no config should hold: every fact extractor survives them, and none turns them into a figure."""

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder
from hypothesis import given, settings
from hypothesis import strategies as st
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, BOTH

from diagnose.facts.config.settings_facts import record_config

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [0, -1, -7, 1, 3, 10**12, 1e300, 1e-300, -0.5, float("inf"), float("nan"), True, None, "many", [], {}]
)
PATHS = [
    "train.steps",
    "train.lr",
    "train.gradient_accumulation",
    "train.gradient_accumulation_steps",
    "train.switch_boundary_every",
    "train.ema_config.ema_decay",
    "train.timestep_type",
    "train.noise_scheduler",
    "train.optimizer",
    "save.save_every",
    "save.max_step_saves_to_keep",
    "sample.sample_every",
    "sample.num_frames",
    "sample.fps",
    "logging.log_every",
    "network.linear",
    "network.linear_alpha",
    "network.rank",
    "model.quantize",
    "model.qtype",
    "model.arch",
    "model.name_or_path",
    "model.model_kwargs",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(PATHS), ODD, min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(["num_frames", "fps", "resolution", "caption_dropout_rate", "folder_path"]), ODD),
    st.sampled_from([*BOTH, None]),
)
def test_every_extractor_survives(
    folder: Path, odd: dict[str, Any], clips: dict[str, Any], trainer: str | None
) -> None:
    sections: dict[str, Any] = {
        "model": {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V"},
        "train": {"ema_config": {"use_ema": True}},
        "sample": {"prompts": ["x"]},
        "datasets": [clips],
    }
    for path, value in odd.items():
        *sections_of, key = path.split(".")
        target = sections
        for name in sections_of:
            target = target.setdefault(name, {})
        target[key] = value
    config = config_of(folder, trainer or AI_TOOLKIT, **sections)
    record = recorder()
    record_config(evidence(config, trainer=trainer), config, None, record)
    assert facts_of(record)
