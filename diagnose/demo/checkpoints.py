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
from diagnose.model import Expert

_SOFTWARE = {"name": "ai-toolkit", "repo": "https://github.com/ostris/ai-toolkit", "version": "0.7.4"}
"""What the fork says of itself; it kept upstream's address."""


def checkpoint_files(case: Case, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every checkpoint file, one at a time: two for each save."""
    weights = {expert: expert_weights(case.settings.rank, seed, case.name, expert.value) for expert in Expert}
    targets = {
        expert: magnitudes(
            case.magnitudes[expert], own.untrained, case.saves, stream(seed, case.name, "magnitude", expert.value)
        )
        for expert, own in weights.items()
    }
    for step, stem in case.saves.items():
        yield from _pair(case, step, stem, weights, {expert: target[step] for expert, target in targets.items()})


def _pair(
    case: Case, step: int, stem: str, weights: Mapping[Expert, ExpertWeights], targets: Mapping[Expert, float]
) -> Iterator[tuple[str, bytes]]:
    progress = step / case.trained_steps
    tensors = {expert: own.at(targets[expert], progress) for expert, own in weights.items()}
    metadata = _metadata(case, step, [tensor for pair in tensors.values() for tensor in pair])
    for expert, own in tensors.items():
        yield f"{stem}_{expert.value}_noise.safetensors", safetensors_file(own, metadata)


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
