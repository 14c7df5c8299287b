"""The checkpoint pairs of a run, in the fork's form: file names, metadata, tensors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from diagnose.demo.archive import TensorData, safetensors_file
from diagnose.demo.case import Case
from diagnose.demo.chance import stream
from diagnose.demo.magnitudes import magnitudes
from diagnose.demo.tensors import ExpertWeights, expert_weights
from diagnose.domains.wan22.experts import Expert

_SOFTWARE = {"name": "ai-toolkit", "repo": "https://github.com/ostris/ai-toolkit", "version": "0.7.4"}
"""What the fork says of itself; it kept upstream's address."""


def checkpoint_files(case: Case, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every checkpoint file, one at a time: two for each save.

    An expert's tensors are a function of its own updates: while it pauses, they stand still bit for bit.
    """
    weights = {expert: expert_weights(case.settings.rank, seed, case.name, expert.value) for expert in Expert}
    courses = {expert: _course(case, expert, own, seed) for expert, own in weights.items()}
    for step, stem in case.saves.items():
        yield from _pair(case, step, stem, weights, courses)


def _course(case: Case, expert: Expert, weights: ExpertWeights, seed: int) -> dict[int, float]:
    """Return own updates -> mean |w|, for every save."""
    figures = {case.updates(step)[expert]: value for step, value in case.magnitudes[expert].items()}
    updates = [case.updates(step)[expert] for step in case.saves]
    return magnitudes(figures, weights.untrained, updates, stream(seed, case.name, "magnitude", expert.value))


def _pair(
    case: Case,
    step: int,
    stem: str,
    weights: Mapping[Expert, ExpertWeights],
    courses: Mapping[Expert, Mapping[int, float]],
) -> Iterator[tuple[str, bytes]]:
    own, whole = case.updates(step), case.updates(case.trained_steps)
    tensors = {
        expert: each.at(courses[expert][own[expert]], own[expert] / whole[expert]) for expert, each in weights.items()
    }
    metadata = _metadata(case, step, [tensor for pair in tensors.values() for tensor in pair])
    for expert, held in tensors.items():
        yield f"{stem}_{expert.value}_noise.safetensors", safetensors_file(held, metadata)


def _metadata(case: Case, step: int, tensors: list[TensorData]) -> dict[str, str]:
    """The trainer hashes before it splits the experts, so both files carry one hash, which is neither's own."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.data)
    return {
        "format": "pt",
        "ss_base_model_version": "wan_2.2_14b",
        "ss_output_name": case.name,
        "training_info": json.dumps({"step": step, "epoch": step // case.clips}),
        "software": json.dumps(_SOFTWARE),
        "sshs_model_hash": digest.hexdigest(),
        "sshs_legacy_hash": hashlib.sha256(digest.digest()).hexdigest()[:8],
    }
