"""How large a save is: of the files, else of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, readings, recorder
from run_evidence import evidence

from diagnose.core.values import Fact
from diagnose.facts.saves import ELEMENTS_PER_RANK, extract
from diagnose.sources.readings import CheckpointFile

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "x/Wan2.2-I2V"}


def save(step: int | None, expert: str, size: int, *, final: bool = False) -> CheckpointFile:
    name = f"j_{step}_{expert}.safetensors"
    return CheckpointFile(
        name, Path(name), (expert,), step, final=final, size=size, modified=1, header_sha256="", tensors=()
    )


def size_of(folder: Path, *saves: CheckpointFile, **sections: Any) -> Fact:
    record = recorder()
    config = config_of(folder, **{"model": WAN, "network": {"type": "lora", "linear": 16}, **sections})
    extract(evidence(config, readings(checkpoints=saves)), record)
    return facts_of(record)["weights.pair_bytes", "run"]


def test_the_latest_whole_step_is_measured(tmp_path: Path) -> None:
    whole = [save(step, expert, 10 * step) for step in (1, 2) for expert in ("high", "low")]
    half = save(3, "high", 30)
    last = save(4, "high", 40, final=True)
    assert size_of(tmp_path, *whole, half, last).value == 40
    assert size_of(tmp_path, half).value == 30


def test_the_numbers_of_a_rank_follow_from_the_shapes() -> None:
    assert ELEMENTS_PER_RANK == 40 * (8 * (5120 + 5120) + 2 * (5120 + 13824))


@pytest.mark.parametrize(
    ("sections", "size"),
    [
        ({}, 2 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "fp32"}}, 4 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "float32"}}, 4 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "float"}}, 4 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "fp16"}}, 2 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "bf16"}}, 2 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "bfloat16"}}, 2 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "float16"}}, 2 * 2 * 16 * ELEMENTS_PER_RANK),
        ({"save": {"dtype": "fp8"}}, None),
        ({"network": {"type": "lokr", "linear": 16}}, None),
        ({"network": {"linear": 1}}, 2 * 2 * ELEMENTS_PER_RANK),
        ({"network": {"linear": 0}}, None),
        ({"network": {"linear": 16.0}}, None),
        ({"network": {"linear": 16, "network_kwargs": {"only_if_contains": ["attn"]}}}, None),
        ({"model": {"arch": "flux"}}, None),
        ({"model": {**WAN, "model_kwargs": {"train_low_noise": False}}}, 2 * 16 * ELEMENTS_PER_RANK),
    ],
)
def test_without_files_plain_settings_tell_it(tmp_path: Path, sections: dict[str, Any], size: int | None) -> None:
    assert size_of(tmp_path, **sections).value == size


def test_nothing_is_said_without_a_config_or_a_file() -> None:
    record = recorder()
    extract(evidence(), record)
    assert not facts_of(record)["weights.pair_bytes", "run"].known
