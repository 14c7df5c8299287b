"""LoRA tensors whose weight magnitude is a given figure, and the safetensors file that holds them.

Only uniform draws, single multiplications and additions are used on whole tensors, so that the values do not depend
on the processor's vector units. Imports torch: import it where tensors are made, not before.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping

import torch
from msgspec import Struct
from safetensors.torch import save
from torch import Generator, Tensor

from diagnose.demo.case import derived_seed, lora_shapes

_TURN = 0.8
"""Radians by which the direction of what is learned turns over the run."""
_UPDATES = 30
_TOLERANCE = 1e-7
_ALIGNMENT = 8


class ExpertWeights(Struct, frozen=True):
    """All LoRA weights of one expert in one row, in file order: where they start, two directions they grow in.

    Down matrices start uniform within 1/sqrt(inputs), up matrices at zero, as the trainer initialises them.
    """

    rank: int
    start: Tensor
    early: Tensor
    late: Tensor

    @property
    def untrained(self) -> float:
        """Mean |w| before the first update."""
        return _magnitude(self.start)

    def at(self, magnitude: float, progress: float) -> dict[str, Tensor]:
        """Return the tensors by name, in file order and rounded to bf16, with this mean |w|.

        `progress` runs from 0 to 1.
        """
        angle = _TURN * progress
        direction = self.early * math.cos(angle) + self.late * math.sin(angle)
        row = (self.start + direction * _reach(self.start, direction, magnitude)).to(torch.bfloat16)
        shapes = dict(lora_shapes(self.rank))
        parts = row.split_with_sizes([math.prod(shape) for shape in shapes.values()])
        return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def expert_weights(rank: int, seed: int, *purpose: str) -> ExpertWeights:
    """Return the weights of one expert, which are a function of the seed and its purpose alone."""
    chance = Generator().manual_seed(derived_seed(seed, *purpose))
    parts = []
    for name, shape in lora_shapes(rank):
        if ".lora_B." in name:
            parts.append(torch.zeros(math.prod(shape)))
        else:
            parts.append((torch.rand(math.prod(shape), generator=chance) * 2 - 1) * (1 / math.sqrt(shape[1])))
    start = torch.cat(parts)
    return ExpertWeights(rank, start, _direction(start.numel(), chance), _direction(start.numel(), chance))


def _direction(count: int, chance: Generator) -> Tensor:
    """Independent elements of variance 1, nearly normal: twice a sum of three uniform draws around zero."""
    draws = torch.rand((3, count), generator=chance)
    return (draws[0] + draws[1] + draws[2] - 1.5) * 2


def _magnitude(weights: Tensor) -> float:
    return float(weights.double().abs().mean())


def _reach(start: Tensor, direction: Tensor, magnitude: float) -> float:
    """Return how far along `direction` the mean |w| is `magnitude`: Newton on a convex, rising function."""
    reach = magnitude
    for _ in range(_UPDATES):
        weights = start + direction * reach
        excess = _magnitude(weights) - magnitude
        reach -= excess / float((weights.sign() * direction).double().mean())
        if abs(excess) < _TOLERANCE * magnitude:
            break
    return float(f"{reach:.7g}")


def tensors_digest(*files: Mapping[str, Tensor]) -> bytes:
    """Return the SHA-256 of the numbers of all these tensors, as they lie in memory."""
    digest = hashlib.sha256()
    for tensors in files:
        for tensor in tensors.values():
            digest.update(tensor.view(torch.uint8).numpy().tobytes())
    return digest.digest()


def safetensors_file(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Return a whole safetensors file; the same input gives the same bytes.

    The library writes metadata in an order that changes from call to call. So it writes the tensors, and the metadata
    are put in front of its header in their own order.
    """
    plain = save(dict(tensors))
    begin = 8 + int.from_bytes(plain[:8], "little")
    header = {"__metadata__": dict(metadata), **json.loads(plain[8:begin])}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text + plain[begin:]
