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

from diagnose.demo.case import Case
from diagnose.demo.tensors import expert_weights, safetensors_file, tensors_digest
from diagnose.domains.wan22.experts import Expert

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
