"""The checkpoint files of a run: names, metadata and bf16 tensors as the trainers write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from math import prod

import torch
from torch import Tensor

from diagnose.demo.tensors import safetensors_file, tensors_digest
from simulation.automagic import Floats, Shape
from simulation.console import stem
from simulation.events import Events
from simulation.setup import Setup
from simulation.training import MODULES, Course, Save

_ADDRESS = "https://github.com/ostris/ai-toolkit"
"""Both trainers give it; the fork kept it."""
_VERSIONS = {True: "0.7.4", False: "0.12.26"}


def checkpoint_files(setup: Setup, course: Course, events: Events, clips: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every file that is still there at the end."""
    kept = course.saves[-setup.keep :]
    for save in kept:
        tensors = {side: _tensors(weights, course.shapes) for side, weights in save.weights.items()}
        metadata = _metadata(setup, save, tensors_digest(*tensors.values()), clips)
        for side, own in tensors.items():
            lost = events.half_pair and save is kept[-1] and side is not setup.experts[0]
            if not lost:
                yield f"{stem(setup, save)}_{side.value}_noise.safetensors", safetensors_file(own, metadata)


def _tensors(weights: Floats, shapes: Sequence[Shape]) -> dict[str, Tensor]:
    names = [f"{module}.lora_{side}.weight" for module in MODULES for side in "AB"]
    row = torch.tensor(weights).to(torch.bfloat16)
    parts = row.split_with_sizes([prod(shape) for shape in shapes])
    return {name: part.reshape(shape) for name, part, shape in zip(names, parts, shapes, strict=True)}


def _metadata(setup: Setup, save: Save, digest: bytes, clips: int) -> dict[str, str]:
    """The trainers hash before they split the experts, so both files carry one hash, which is neither's own."""
    return {
        "format": "pt",
        "ss_base_model_version": "wan_2.2_14b",
        "ss_output_name": setup.name,
        "training_info": json.dumps({"step": save.step, "epoch": save.step // clips}),
        "software": json.dumps({"name": "ai-toolkit", "repo": _ADDRESS, "version": _VERSIONS[setup.forked]}),
        "sshs_model_hash": digest.hex(),
        "sshs_legacy_hash": hashlib.sha256(digest).hexdigest()[:8],
    }
