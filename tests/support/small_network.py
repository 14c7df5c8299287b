"""The size of the network that a save is for: the real runs trained small ones."""

from __future__ import annotations

from msgspec.structs import replace

from diagnose.rulebase.domain import Network
from diagnose.sources.readings import CheckpointFile


def network_of(file: CheckpointFile, like: Network) -> Network:
    """Return a network with the blocks and the matrices of a save."""
    shapes = {tensor.name: tensor.shape for tensor in file.tensors}
    names = {name.partition("blocks.")[2].rpartition(".lora_")[0] for name in shapes if ".lora_A." in name}
    prefix = next(iter(shapes)).partition("blocks.")[0]
    whole = {each.partition(".")[2]: each for each in names}
    matrices = {
        matrix: (shapes[f"{prefix}blocks.{each}.lora_A.weight"][1], shapes[f"{prefix}blocks.{each}.lora_B.weight"][0])
        for matrix, each in whole.items()
    }
    return replace(like, blocks=len({each.partition(".")[0] for each in names}), matrices=matrices)
