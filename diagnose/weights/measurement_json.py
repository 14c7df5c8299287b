"""Measurements as plain JSON values and back, for the cache and for workers. Floats survive to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from diagnose.domains.wan22.experts import Expert
from diagnose.weights.entries import Entries
from diagnose.weights.measurement import ExpertMeasurement, ModuleMeasurement

FIELDS = tuple(field.name for field in fields(ModuleMeasurement))
ENTRIES = tuple(field.name for field in fields(Entries))


def experts_to_json(experts: Sequence[ExpertMeasurement]) -> list[dict[str, Any]]:
    """Return the measurements as JSON values."""
    return [
        {"expert": each.expert and each.expert.value, "modules": [module_to_json(module) for module in each.modules]}
        for each in experts
    ]


def experts_from_json(found: Any) -> tuple[ExpertMeasurement, ...]:  # noqa: ANN401 - any JSON may lie on the disk
    """Rebuild measurements.

    Raises:
        KeyError, TypeError, ValueError: it is not what `experts_to_json` wrote.
    """
    return tuple(
        ExpertMeasurement(
            expert=None if each["expert"] is None else Expert(each["expert"]),
            modules=tuple(module_from_json(module) for module in each["modules"]),
        )
        for each in found
    )


def module_to_json(module: ModuleMeasurement) -> dict[str, Any]:
    """Return one module as JSON values; `dataclasses.asdict` copies every number and takes six times as long."""
    found = {name: getattr(module, name) for name in FIELDS}
    for factor in ("down", "up"):
        found[factor] = {name: getattr(found[factor], name) for name in ENTRIES}
    return found


def module_from_json(found: dict[str, Any]) -> ModuleMeasurement:
    """Rebuild one module.

    Raises:
        KeyError, TypeError: it is not what `module_to_json` wrote.
    """
    return ModuleMeasurement(**{**found, "down": Entries(**found["down"]), "up": Entries(**found["up"])})
