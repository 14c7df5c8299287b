"""The checkpoint pairs of a run, in the fork's form: file names, metadata, tensors.

The weight magnitude of an expert grows with its own updates: a smooth course, and the wander of a real run.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from random import Random

import torch
from msgspec import Struct
from safetensors.torch import save
from torch import Generator, Tensor

from diagnose.demo.case import Case, derived_seed, lora_shapes
from diagnose.domains.wan22.experts import Expert

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


FORK_VERSION = "0.7.4"
_ADDRESS = "https://github.com/ostris/ai-toolkit"
"""Both trainers give it; the fork kept it."""
_WANDER = 2e-4
"""Standard deviation of what one update adds by chance, as a share of the learned part: 0.2 % in a hundred, as in
simulated runs of the document's config."""


def checkpoint_files(case: Case, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every checkpoint file, one at a time: two for each save.

    An expert's tensors are a function of its own updates: while it pauses, they stay the same bit for bit.
    """
    weights = {expert: expert_weights(case.settings.rank, seed, case.name, expert.value) for expert in Expert}
    whole = case.updates(case.trained_steps)
    courses = {}
    for expert, own in weights.items():
        figures = {case.updates(step)[expert]: value for step, value in case.magnitudes[expert].items()}
        updates = [case.updates(step)[expert] for step in case.saves]
        chance = case.stream(seed, "magnitude", expert.value)
        courses[expert] = magnitudes(figures, own.untrained, updates, chance)
    for step, stem in case.saves.items():
        after = case.updates(step)
        tensors = {e: own.at(courses[e][after[e]], after[e] / whole[e]) for e, own in weights.items()}
        metadata = checkpoint_metadata(case.name, step, case.clips, tensors_digest(*tensors.values()))
        for expert, held in tensors.items():
            yield f"{stem}_{expert.value}_noise.safetensors", safetensors_file(held, metadata)


def checkpoint_metadata(
    name: str, step: int, clips: int, digest: bytes, *, version: str = FORK_VERSION
) -> dict[str, str]:
    """Return the metadata of both files of a save; `digest` is that of both experts' tensors.

    The trainer hashes before it splits the experts, so both files carry one hash, which is neither's own.
    """
    return {
        "format": "pt",
        "ss_base_model_version": "wan_2.2_14b",
        "ss_output_name": name,
        "training_info": json.dumps({"step": step, "epoch": step // clips}),
        "software": json.dumps({"name": "ai-toolkit", "repo": _ADDRESS, "version": version}),
        "sshs_model_hash": digest.hex(),
        "sshs_legacy_hash": hashlib.sha256(digest).hexdigest()[:8],
    }


def magnitudes(
    figures: Mapping[int, float], untrained: float, updates: Iterable[int], chance: Random
) -> dict[int, float]:
    """Return own updates -> mean |w|: exactly the figure where there is one, a wander around a smooth course elsewhere.

    `untrained` is the reading before the first update, where nothing has been learned; `updates` ascend.
    """
    knots = sorted({0: untrained, **figures}.items())
    # slopes at the knots that keep a cubic monotone (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 1984)
    chords = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(knots)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(chords)]
    slopes = [chords[0], *inner, chords[-1]]
    last, off = 0, 0.0
    found: dict[int, float] = {}
    for count in updates:
        if count > last:
            # a random walk, which the next figure pulls back to zero
            ahead = next((knot for knot, _ in knots if knot >= count), None)
            left = 1.0 if ahead is None else (ahead - count) / (ahead - last)
            off = off * left + chance.gauss(0, _WANDER * math.sqrt((count - last) * left))
            last = count
        smooth = _between(knots, slopes, count)
        found[count] = figures.get(count, smooth + (smooth - untrained) * off)
    return found


def _between(knots: list[tuple[int, float]], slopes: list[float], count: int) -> float:
    """Cubic Hermite interpolation."""
    right = min(max(bisect_right(knots, count, key=lambda knot: knot[0]), 1), len(knots) - 1)
    (x0, y0), (x1, y1) = knots[right - 1], knots[right]
    width = x1 - x0
    t = (count - x0) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y0
        + t * (1 - t) ** 2 * width * slopes[right - 1]
        + t**2 * (3 - 2 * t) * y1
        + t**2 * (t - 1) * width * slopes[right]
    )
