"""LoRA tensors whose weight magnitude is a given figure, and the safetensors file that holds them.

Draws are raw words of the Mersenne twister and tensors know only single multiplications and additions, so that the
values do not depend on the processor's vector units. Imports numpy: import it where tensors are made, not before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from diagnose.core.frozen import dataclass
from diagnose.demo.case import derived_seed

Row: TypeAlias = NDArray[np.float32]
MODULES = {
    "diffusion_model.blocks.0.cross_attn.k": (5120, 5120),
    "diffusion_model.blocks.0.ffn.2": (13824, 5120),
    "diffusion_model.blocks.0.self_attn.q": (5120, 5120),
}
"""Module -> inputs, outputs: three modules of the first block of WAN 2.2 A14B, with its widths, in file order."""
_TURN = 0.8
"""Radians by which the direction of what is learned turns over the run."""
_UPDATES = 30
_TOLERANCE = 1e-7
_ALIGNMENT = 8


@dataclass(frozen=True, slots=True)
class TensorData:
    """A tensor as it lies in a file: little-endian, row by row. `dtype` is the format's own name ("BF16")."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class ExpertWeights:
    """All LoRA weights of one expert in one row, in file order: where they start, two directions they grow in.

    Down matrices start uniform within 1/sqrt(inputs), up matrices at zero, as the trainer initialises them.
    """

    rank: int
    start: Row
    early: Row
    late: Row

    @property
    def untrained(self) -> float:
        """Mean |w| before the first update."""
        return _magnitude(self.start)

    def at(self, magnitude: float, progress: float) -> list[TensorData]:
        """Return the tensors, rounded to bf16, with this mean |w|; `progress` runs from 0 to 1."""
        angle = _TURN * progress
        direction = self.early * np.float32(math.cos(angle)) + self.late * np.float32(math.sin(angle))
        data = _bf16(self.start + direction * np.float32(_reach(self.start, direction, magnitude)))
        tensors, begin = [], 0
        for name, shape in lora_shapes(self.rank):
            end = begin + 2 * math.prod(shape)
            tensors.append(TensorData(name, "BF16", shape, data[begin:end]))
            begin = end
        return tensors


def expert_weights(rank: int, seed: int, *purpose: str) -> ExpertWeights:
    """Return the weights of one expert, which are a function of the seed and its purpose alone."""
    chance = np.random.RandomState(derived_seed(seed, *purpose) % 2**32)
    start = np.concatenate([_initial(name, shape, chance) for name, shape in lora_shapes(rank)])
    return ExpertWeights(rank, start, _direction(start.size, chance), _direction(start.size, chance))


def lora_shapes(rank: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the names and shapes of one expert's tensors in file order."""
    for module, (inputs, outputs) in MODULES.items():
        yield f"{module}.lora_A.weight", (rank, inputs)
        yield f"{module}.lora_B.weight", (outputs, rank)


def _uniform(count: int, chance: np.random.RandomState) -> Row:
    """Return draws from [0, 1), as fine as float32 holds them."""
    draws: Row = (chance.randint(0, 2**32, count, np.uint32) % 2**24).astype(np.float32) * np.float32(2.0**-24)
    return draws


def _initial(name: str, shape: tuple[int, int], chance: np.random.RandomState) -> Row:
    if ".lora_B." in name:
        return np.zeros(math.prod(shape), np.float32)
    start: Row = (_uniform(math.prod(shape), chance) * 2 - 1) * np.float32(1 / math.sqrt(shape[1]))
    return start


def _direction(count: int, chance: np.random.RandomState) -> Row:
    """Independent elements of variance 1, nearly normal: twice a sum of three uniform draws around zero."""
    draws = _uniform(3 * count, chance).reshape(3, count)
    direction: Row = (draws[0] + draws[1] + draws[2] - np.float32(1.5)) * 2
    return direction


def _magnitude(weights: Row) -> float:
    return float(np.abs(weights).mean(dtype=np.float64))


def _reach(start: Row, direction: Row, magnitude: float) -> float:
    """Return how far along `direction` the mean |w| is `magnitude`: Newton on a convex, rising function."""
    reach = magnitude
    for _ in range(_UPDATES):
        weights = start + direction * np.float32(reach)
        excess = _magnitude(weights) - magnitude
        reach -= excess / float((np.sign(weights) * direction).mean(dtype=np.float64))
        if abs(excess) < _TOLERANCE * magnitude:
            break
    return float(f"{reach:.7g}")


def _bf16(weights: Row) -> bytes:
    """Return finite numbers as bfloat16, little-endian, rounded to even."""
    words = weights.view(np.uint32)
    return ((words + 0x7FFF + (words >> 16 & 1)) >> 16).astype("<u2").tobytes()


def safetensors_file(tensors: Sequence[TensorData], metadata: Mapping[str, str]) -> bytes:
    """Return a whole safetensors file. Keys keep their order, so the same input gives the same bytes."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    begin = 0
    for tensor in tensors:
        end = begin + len(tensor.data)
        header[tensor.name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *(tensor.data for tensor in tensors)])
