"""The settings of an example run's config that shape its course. Reads our own configs only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from diagnose.domains.wan22.experts import Expert


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where one expert's learning rate starts, how far an update takes it, and between which bounds it stays."""

    start: float
    bump: float
    floor: float
    ceiling: float

    def clip(self, rate: float) -> float:
        """Return the rate, or the bound it crosses."""
        return min(max(rate, self.floor), self.ceiling)

    def reach(self, updates: int) -> float:
        """Return the highest rate after so many updates: all of them up."""
        return self.clip(self.start + updates * self.bump)


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the alpha schedule. `plateau` and `stability` are its exit criteria; None in the last phase."""

    name: str
    alpha: float
    min_steps: int
    plateau: float | None
    stability: float | None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the config says.

    `process` is the process entry as parsed. `block` is the number of steps one expert trains before the other
    takes over; the high-noise expert starts.
    """

    process: Mapping[str, Any]
    steps: int
    save_every: int
    block: int
    rank: int
    linear_alpha: float
    phases: tuple[Phase, ...]
    bounds: Mapping[Expert, Bounds]

    def expert_at(self, step: int) -> Expert:
        """Return the expert that trains at a step."""
        return Expert.LOW if step // self.block % 2 else Expert.HIGH

    def resumes_at(self, step: int) -> bool:
        """Whether an expert takes its first step after a pause here (its very first step is none)."""
        return step % self.block == 0 and step >= 2 * self.block


def read_settings(config: str) -> Settings:
    """Return the settings of a config text."""
    process = yaml.safe_load(config)["config"]["process"][0]
    network, train = process["network"], process["train"]
    schedule = network["alpha_schedule"]
    return Settings(
        process=process,
        steps=train["steps"],
        save_every=process["save"]["save_every"],
        block=train["switch_boundary_every"],
        rank=network["linear"],
        linear_alpha=schedule["linear_alpha"],
        phases=tuple(_phase(name, entry) for name, entry in schedule["conv_alpha_phases"].items()),
        bounds={expert: _bounds(expert, train) for expert in Expert},
    )


def _phase(name: str, entry: Mapping[str, Any]) -> Phase:
    criteria = entry.get("exit_criteria", {})
    return Phase(
        name,
        entry["alpha"],
        entry["min_steps"],
        criteria.get("loss_improvement_rate_below"),
        criteria.get("min_gradient_stability"),
    )


def _bounds(expert: Expert, train: Mapping[str, Any]) -> Bounds:
    """The per-expert key counts where the base key is present too (fork, lora_special.py), as it is here."""
    params = train["optimizer_params"]
    return Bounds(
        train["lr"],
        *(params.get(f"{expert.value}_noise_{key}", params[key]) for key in ("lr_bump", "min_lr", "max_lr")),
    )
