"""The trainer's optimizer.pt: bump, bounds and live learning rate of each expert."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from diagnose.core.errors import DiagnoseError
from diagnose.sources.finite import finite
from diagnose.weights.measurement import OptimizerReading, ParamGroup
from diagnose.weights.torch_file import Tensor, saved_state


def read_optimizer(path: Path, *, live: bool) -> OptimizerReading:
    """Read the parameter groups of an optimizer.pt, with the live rates and what else stands in tensors if asked for.

    Raises:
        DiagnoseError: it cannot be read, is too large, or is not the state of an optimizer and nothing else.
    """
    with saved_state(path, numbers=live) as state:
        groups = _groups(state)
    if not groups:
        raise DiagnoseError(f"{path}: holds no parameter groups of an optimizer; give the trainer's optimizer.pt")
    return OptimizerReading(path.name, groups)


def _groups(state: object) -> tuple[ParamGroup, ...]:
    """Return the groups in the file's order, none if it is not the state of an optimizer."""
    if not isinstance(state, dict):
        return ()
    groups, tensors = state.get("param_groups"), state.get("state")
    if not isinstance(groups, list) or not isinstance(tensors, dict):
        return ()
    return tuple(
        ParamGroup(
            lr_bump=scalar(group.get("lr_bump")),
            min_lr=scalar(group.get("min_lr")),
            max_lr=scalar(group.get("max_lr")),
            rate=mean_rate(group, tensors),
        )
        for group in groups
        if isinstance(group, dict)
    )


def scalar(found: object) -> float | None:
    """Return a finite number, or the one in a tensor of one element, as a float; None for anything else."""
    return finite(found.number() if isinstance(found, Tensor) else found)


def mean_rate(group: Mapping[str, Any], tensors: Mapping[object, Any]) -> float | None:
    """Return the mean of automagic's rates, stored per weight as int8 times a scale per tensor; None if it has none."""
    params = group.get("params")
    states = [tensors.get(each) for each in params if isinstance(each, int)] if isinstance(params, list) else []
    rates = []
    for state in states:
        mask = state.get("lr_mask") if isinstance(state, dict) else None
        if isinstance(mask, dict):
            quantized, scale = mask.get("quantized"), scalar(mask.get("scale"))
            mean = quantized.mean_of_integers() if isinstance(quantized, Tensor) else None
            if mean is not None and scale is not None:
                rates.append(mean * scale)
    return fmean(rates) if rates else None
