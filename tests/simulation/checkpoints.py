"""The checkpoint files of a run: names, metadata and bf16 tensors as the trainers write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

import numpy as np

from diagnose.demo.tensors import TensorData, safetensors_file
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
        metadata = _metadata(setup, save, [each for own in tensors.values() for each in own], clips)
        for side, own in tensors.items():
            lost = events.half_pair and save is kept[-1] and side is not setup.experts[0]
            if not lost:
                yield f"{stem(setup, save)}_{side.value}_noise.safetensors", safetensors_file(own, metadata)


def _tensors(weights: Floats, shapes: Sequence[Shape]) -> list[TensorData]:
    names = [f"{module}.lora_{side}.weight" for module in MODULES for side in "AB"]
    data = bf16(weights)
    found, begin = [], 0
    for name, shape in zip(names, shapes, strict=True):
        end = begin + 2 * shape[0] * shape[1]
        found.append(TensorData(name, "BF16", shape, data[begin:end]))
        begin = end
    return found


def bf16(weights: Floats) -> bytes:
    """Return the upper halves of the numbers, rounded to the nearest, ties to even."""
    bits = weights.astype("<f4").view("<u4")
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    data: bytes = (rounded >> np.uint32(16)).astype("<u2").tobytes()
    return data


def _metadata(setup: Setup, save: Save, tensors: Sequence[TensorData], clips: int) -> dict[str, str]:
    """The trainers hash before they split the experts, so both files carry one hash, which is neither's own."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.data)
    return {
        "format": "pt",
        "ss_base_model_version": "wan_2.2_14b",
        "ss_output_name": setup.name,
        "training_info": json.dumps({"step": save.step, "epoch": save.step // clips}),
        "software": json.dumps({"name": "ai-toolkit", "repo": _ADDRESS, "version": _VERSIONS[setup.forked]}),
        "sshs_model_hash": digest.hexdigest(),
        "sshs_legacy_hash": hashlib.sha256(digest.digest()).hexdigest()[:8],
    }
