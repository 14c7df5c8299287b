"""The checkpoint files of a run: names, metadata and bf16 tensors as the trainers write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import torch
from torch import Tensor

from diagnose.demo.checkpoints import FORK_VERSION, checkpoint_metadata, safetensors_file, tensors_digest
from simulation.automagic import Floats, Shape
from simulation.console import stem
from simulation.events import Events
from simulation.setup import Setup
from simulation.training import MODULES, Course

_VERSIONS = {True: FORK_VERSION, False: "0.12.26"}
"""Whether it is the fork -> the version it gives."""


def checkpoint_files(setup: Setup, course: Course, events: Events, clips: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every file that is still there at the end."""
    kept = course.saves[-setup.keep :]
    for save in kept:
        tensors = {side: _tensors(weights, course.shapes) for side, weights in save.weights.items()}
        digest, version = tensors_digest(*tensors.values()), _VERSIONS[setup.forked]
        metadata = checkpoint_metadata(setup.name, save.step, clips, digest, version=version)
        for side, own in tensors.items():
            lost = events.half_pair and save is kept[-1] and side is not setup.experts[0]
            if not lost:
                yield f"{stem(setup, save)}_{side.value}_noise.safetensors", safetensors_file(own, metadata)


def _tensors(weights: Floats, shapes: Sequence[Shape]) -> dict[str, Tensor]:
    names = [f"{module}.lora_{side}.weight" for module in MODULES for side in "AB"]
    row = torch.tensor(weights).to(torch.bfloat16)
    parts = row.split_with_sizes([prod(shape) for shape in shapes])
    return {name: part.reshape(shape) for name, part, shape in zip(names, parts, shapes, strict=True)}
