"""Parameter groups from the state dict of an optimizer, whatever a stranger put into it.

Imports torch with `diagnose.weights.optimizer_tensors`: import it where numbers are needed, not before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from diagnose.domains.wan22.experts import Expert
from diagnose.weights.optimizer_reading import ParamGroup, TensorRate
from diagnose.weights.optimizer_settings import BOTH_EXPERTS
from diagnose.weights.optimizer_tensors import load_state, mean_of_integers, scalar


def load_groups(path: Path) -> tuple[ParamGroup, ...]:
    """Return the groups in the file's order, none if it is not the state of an optimizer.

    Raises:
        Exception: of many kinds, when the file is damaged or holds more than tensors and plain values.
    """
    state = load_state(path)
    if not isinstance(state, dict):
        return ()
    groups, tensors = state.get("param_groups"), state.get("state")
    if not isinstance(groups, list) or not isinstance(tensors, dict):
        return ()
    experts: Sequence[Expert | None] = BOTH_EXPERTS if len(groups) == len(BOTH_EXPERTS) else [None] * len(groups)
    return tuple(
        _group(group, tensors, expert) for group, expert in zip(groups, experts, strict=True) if isinstance(group, dict)
    )


def _group(group: Mapping[str, Any], tensors: Mapping[int, Any], expert: Expert | None) -> ParamGroup:
    params = group.get("params")
    return ParamGroup(
        expert=expert,
        lr=scalar(group.get("lr")),
        lr_bump=scalar(group.get("lr_bump")),
        min_lr=scalar(group.get("min_lr")),
        max_lr=scalar(group.get("max_lr")),
        tensors=tuple(_tensor(tensors, each) for each in params) if isinstance(params, list) else (),
    )


def _tensor(tensors: Mapping[int, Any], number: object) -> TensorRate:
    """Return what is known of one tensor; one without a state was never updated."""
    state = tensors.get(number) if isinstance(number, int) else None
    if not isinstance(state, dict):
        return TensorRate(rate=None, updates=0 if isinstance(number, int) else None)
    updates = scalar(state.get("step"))
    return TensorRate(rate=_rate(state.get("lr_mask")), updates=None if updates is None else int(updates))


def _rate(mask: object) -> float | None:
    """Return the mean of automagic's rates, stored per weight as int8 times a scale per tensor."""
    if not isinstance(mask, dict):
        return None
    mean, scale = mean_of_integers(mask.get("quantized")), scalar(mask.get("scale"))
    return None if mean is None or scale is None else mean * scale
