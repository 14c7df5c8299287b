"""Small LoRA files, made by torch and by the safetensors library itself, and what the instrument says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from lora_files import Measure, Save, measure_file
from safetensors.torch import save_file

from diagnose.core.cache import Cache
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights.measurement import ExpertMeasurement


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Return a function that writes tensors into a checkpoint of the run folder `tmp_path` and reads its header."""

    def saver(
        tensors: Mapping[str, torch.Tensor], name: str = "job_000000100_high_noise.safetensors"
    ) -> CheckpointFile:
        path = tmp_path / name
        save_file({key: tensor.clone().contiguous() for key, tensor in tensors.items()}, path)
        return read_checkpoint(path, run_dir=tmp_path)

    return saver


@pytest.fixture
def measure(save: Save) -> Measure:
    """Return a function that measures tensors as the one expert of a file."""

    def measurer(
        tensors: Mapping[str, torch.Tensor], name: str = "job_000000100_high_noise.safetensors"
    ) -> ExpertMeasurement:
        (expert,) = measure_file(save(tensors, name), cache=Cache(None)).experts
        return expert

    return measurer
