"""LoRA tensors whose weight magnitude is a given figure, and the safetensors file that holds them.

The one module of this package that needs torch, which is imported inside the functions: nothing else here, and no
import of this module, pays for it. Only uniform draws, single multiplications and additions are used on whole
tensors, so that the values do not depend on the processor's vector units.
"""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnose.demo.case import derived_seed

if TYPE_CHECKING:
    from torch import Generator, Tensor

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
    start: Tensor
    early: Tensor
    late: Tensor

    @property
    def untrained(self) -> float:
        """Mean |w| before the first update."""
        return float(self.start.double().abs().mean())

    def at(self, magnitude: float, progress: float) -> list[TensorData]:
        """Return the tensors, rounded to bf16, with this mean |w|; `progress` runs from 0 to 1."""
        angle = _TURN * progress
        direction = self.early * math.cos(angle) + self.late * math.sin(angle)
        data = _bf16(self.start + direction * _reach(self.start, direction, magnitude))
        tensors, begin = [], 0
        for name, shape in lora_shapes(self.rank):
            end = begin + 2 * math.prod(shape)
            tensors.append(TensorData(name, "BF16", shape, data[begin:end]))
            begin = end
        return tensors


def expert_weights(rank: int, seed: int, *purpose: str) -> ExpertWeights:
    """Return the weights of one expert, which are a function of the seed and its purpose alone."""
    import torch  # noqa: PLC0415 - see the module's docstring

    chance = torch.Generator().manual_seed(derived_seed(seed, *purpose))
    start = torch.cat([_initial(name, shape, chance) for name, shape in lora_shapes(rank)])
    return ExpertWeights(rank, start, _direction(start.numel(), chance), _direction(start.numel(), chance))


def lora_shapes(rank: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the names and shapes of one expert's tensors in file order."""
    for module, (inputs, outputs) in MODULES.items():
        yield f"{module}.lora_A.weight", (rank, inputs)
        yield f"{module}.lora_B.weight", (outputs, rank)


def _initial(name: str, shape: tuple[int, int], chance: Generator) -> Tensor:
    import torch  # noqa: PLC0415 - see the module's docstring

    if ".lora_B." in name:
        return torch.zeros(math.prod(shape))
    return (torch.rand(math.prod(shape), generator=chance) * 2 - 1) * (1 / math.sqrt(shape[1]))


def _direction(count: int, chance: Generator) -> Tensor:
    """Independent elements of variance 1, nearly normal: twice a sum of three uniform draws around zero."""
    import torch  # noqa: PLC0415 - see the module's docstring

    draws = torch.rand((3, count), generator=chance)
    return (draws[0] + draws[1] + draws[2] - 1.5) * 2


def _reach(start: Tensor, direction: Tensor, magnitude: float) -> float:
    """Return how far along `direction` the mean |w| is `magnitude`: Newton on a convex, rising function."""
    reach = magnitude
    for _ in range(_UPDATES):
        weights = start + direction * reach
        excess = float(weights.double().abs().mean()) - magnitude
        reach -= excess / float((weights.sign() * direction).double().mean())
        if abs(excess) < _TOLERANCE * magnitude:
            break
    return float(f"{reach:.7g}")


def _bf16(weights: Tensor) -> bytes:
    import torch  # noqa: PLC0415 - see the module's docstring

    words = array("h", weights.to(torch.bfloat16).view(torch.int16).tolist())
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


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
