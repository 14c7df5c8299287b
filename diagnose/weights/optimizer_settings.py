"""The parameter groups of an optimizer.pt without its tensors: start rates, bumps and bounds, without torch.

The pickle is read by a restricted unpickler, after the checks of `optimizer_state`: it names nothing but tensors and
plain containers, and a tensor becomes None.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.finite import finite
from diagnose.weights.optimizer_reading import ParamGroup

BOTH_EXPERTS = (Expert.HIGH, Expert.LOW)
"""The fork makes one group per expert, in this order; a single group does not say whose it is."""


def settings_of(pickled: bytes) -> tuple[ParamGroup, ...]:
    """Return the groups of a state dict, none if it is not one; they hold no tensors.

    Raises:
        Exception: of many kinds, when the pickle is damaged.
    """
    state = _Plain(io.BytesIO(pickled)).load()
    groups = state.get("param_groups") if isinstance(state, dict) else None
    if not isinstance(groups, list):
        return ()
    experts = BOTH_EXPERTS if len(groups) == len(BOTH_EXPERTS) else [None] * len(groups)
    return tuple(
        _group(group, expert) for group, expert in zip(groups, experts, strict=True) if isinstance(group, dict)
    )


def _group(group: Mapping[str, Any], expert: Expert | None) -> ParamGroup:
    return ParamGroup(
        expert=expert,
        lr=finite(group.get("lr")),
        lr_bump=finite(group.get("lr_bump")),
        min_lr=finite(group.get("min_lr")),
        max_lr=finite(group.get("max_lr")),
        tensors=(),
    )


def _nothing(*_parts: object) -> None:
    return None


class _Plain(pickle.Unpickler):
    """Builds plain containers alone; whatever else the pickle names becomes None."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - what a pickle asks for
        """Return the one container that a state dict needs, and for any other name what makes nothing."""
        return OrderedDict if (module, name) == ("collections", "OrderedDict") else _nothing

    def persistent_load(self, _pid: object) -> None:
        """Read no tensor's data."""
