"""The tensors inside an optimizer.pt. Of the weights package the only module that imports torch: import it late."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from diagnose.sources.finite import finite

CHUNK = 2**17
"""Numbers added up at once."""


def load_state(path: Path) -> Any:  # noqa: ANN401 - whatever a stranger's pickle holds; the caller checks it
    """Load a state dict of plain values and tensors; storages are mapped, and read where they are used.

    Raises:
        Exception: of many kinds, when the file is damaged or holds anything else.
    """
    return torch.load(path, map_location="cpu", weights_only=True, mmap=True)


def scalar(found: object) -> float | None:
    """Return a finite number, or the one in a tensor of one element, as a float; None for anything else."""
    return finite(found.item() if isinstance(found, torch.Tensor) and found.numel() == 1 else found)


def mean_rate(group: Mapping[str, Any], tensors: Mapping[object, Any]) -> float | None:
    """Return the mean of automagic's rates, stored per weight as int8 times a scale per tensor; None if it has none."""
    params = group.get("params")
    states = [tensors.get(each) for each in params if isinstance(each, int)] if isinstance(params, list) else []
    rates = []
    for state in states:
        mask = state.get("lr_mask") if isinstance(state, dict) else None
        if isinstance(mask, dict):
            mean, scale = _mean_of_integers(mask.get("quantized")), scalar(mask.get("scale"))
            if mean is not None and scale is not None:
                rates.append(mean * scale)
    return fmean(rates) if rates else None


def _mean_of_integers(found: object) -> float | None:
    """Return the mean of an int8 tensor, None for anything else or an empty one.

    One that is not contiguous may repeat its numbers without end, and no trainer saves such rates.
    """
    if not isinstance(found, torch.Tensor) or found.dtype is not torch.int8 or not found.is_contiguous():
        return None
    flat = found.reshape(-1)
    total = sum(int(flat[begin : begin + CHUNK].sum()) for begin in range(0, flat.numel(), CHUNK))
    return total / flat.numel() if flat.numel() else None
