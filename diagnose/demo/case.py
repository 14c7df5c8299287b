"""What an example run is made from: the figures of `knowledge/cases/`, and the settings in its config.

Reads our own files only; no synthesis here but the random streams that every part draws from.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

import yaml
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import knowledge_dir
from diagnose.domains.wan22.experts import Expert

LORA_MODULES = {
    "diffusion_model.blocks.0.cross_attn.k": (5120, 5120),
    "diffusion_model.blocks.0.ffn.2": (13824, 5120),
    "diffusion_model.blocks.0.self_attn.q": (5120, 5120),
}
"""Module -> inputs, outputs: three modules of the first block of WAN 2.2 A14B, with its widths, in file order."""


class Bounds(Struct, frozen=True):
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


class Phase(Struct, frozen=True):
    """A phase of the alpha schedule. `plateau` and `stability` are its exit criteria; None in the last phase."""

    name: str
    alpha: float
    min_steps: int
    plateau: float | None
    stability: float | None


class Settings(Struct, frozen=True):
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


class _Figures(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RateFigures(_Figures):
    """An expert's learning rate: `rate` as logged at step `at_step`, risen with a time constant of `updates`."""

    rate: PositiveFloat
    at_step: PositiveInt
    updates: PositiveInt


class LossFigures(_Figures):
    """Mean loss of an expert's first and last block, and the population standard deviation within every block."""

    mean: tuple[PositiveFloat, PositiveFloat]
    std: PositiveFloat


class StabilityFigures(_Figures):
    """Mean sign-agreement rate of an expert's own rows, and the standard deviation from row to row."""

    mean: float = Field(gt=0, lt=1)
    spread: PositiveFloat


class Case(_Figures):
    """One run in figures.

    Attributes:
        started: naive local time of the first step.
        clips: videos in the data set, which is how many steps make an epoch.
        trained_steps: logged steps, the first of which is step 0.
        final_loss_r2: r squared of the loss trend in the last row, which falls.
        magnitudes: expert -> step -> mean |w| of the checkpoint; in between it wanders around a smooth course.
        config: the text of config.yaml.
    """

    name: str
    started: datetime
    seconds_per_step: PositiveFloat
    clips: PositiveInt
    trained_steps: PositiveInt
    gradient_stability: StabilityFigures
    final_loss_r2: float = Field(ge=0, lt=1)
    rates: Mapping[Expert, RateFigures]
    losses: Mapping[Expert, LossFigures]
    magnitudes: Mapping[Expert, Mapping[int, PositiveFloat]]
    config: str

    @cached_property
    def settings(self) -> Settings:
        """What the config text says, as far as the course of a run depends on it."""
        return read_settings(self.config)

    @property
    def finished(self) -> bool:
        """Whether the run went to its configured end."""
        return self.trained_steps == self.settings.steps

    @property
    def saves(self) -> dict[int, str]:
        """Step -> file name without expert and ending; a finished run's last save has no number in its name."""
        every = self.settings.save_every
        saves = {step: f"{self.name}_{step:09d}" for step in range(every, self.trained_steps, every)}
        return {**saves, self.trained_steps: self.name} if self.finished else saves

    def updates(self, step: int) -> dict[Expert, int]:
        """Return the updates of each expert that a save of this step holds: of the steps 0 to it, as far as trained."""
        block = self.settings.block
        cycles, rest = divmod(min(step + 1, self.trained_steps), 2 * block)
        high = cycles * block + min(rest, block)
        return {Expert.HIGH: high, Expert.LOW: min(step + 1, self.trained_steps) - high}

    def stream(self, seed: int, *purpose: str) -> random.Random:
        """Return a random stream of its own for every purpose: one more draw in one never shifts another."""
        return random.Random(derived_seed(seed, self.name, *purpose))  # noqa: S311 - repeatable numbers, no secrets


def load_case(name: str) -> Case:
    """Return the case called `name`.

    Raises:
        DiagnoseError: there is no such case, or its file is damaged.
    """
    cases = {path.stem: path for path in sorted((knowledge_dir() / "cases").glob("*.yaml"))}
    if name not in cases:
        raise DiagnoseError(f"{name}: no such example run; there are {', '.join(cases)}")
    try:
        return Case.model_validate(yaml.safe_load(cases[name].read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise DiagnoseError(f"{cases[name]}: damaged case file; reinstall the package") from error


def derived_seed(seed: int, *purpose: str) -> int:
    """Return a seed of 63 bits for a purpose."""
    digest = sha256("/".join([str(seed), *purpose]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def read_settings(config: str) -> Settings:
    """Return the settings of a config text."""
    process = yaml.safe_load(config)["config"]["process"][0]
    network, train = process["network"], process["train"]
    schedule = network["alpha_schedule"]
    params, bounds = train["optimizer_params"], {}
    for expert in Expert:
        # the per-expert key counts where the base key is present too (fork, lora_special.py), as it is here
        own = (params.get(f"{expert.value}_noise_{key}", params[key]) for key in ("lr_bump", "min_lr", "max_lr"))
        bounds[expert] = Bounds(train["lr"], *own)
    return Settings(
        process=process,
        steps=train["steps"],
        save_every=process["save"]["save_every"],
        block=train["switch_boundary_every"],
        rank=network["linear"],
        linear_alpha=schedule["linear_alpha"],
        phases=tuple(read_phase(name, entry) for name, entry in schedule["conv_alpha_phases"].items()),
        bounds=bounds,
    )


def read_phase(name: str, entry: Mapping[str, Any]) -> Phase:
    """Return a phase of a config's alpha schedule."""
    criteria = entry.get("exit_criteria", {})
    exits = (criteria.get(key) for key in ("loss_improvement_rate_below", "min_gradient_stability"))
    return Phase(name, entry["alpha"], entry.get("min_steps", 0), *exits)


def lora_shapes(rank: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the names and shapes of one expert's tensors in file order."""
    for module, (inputs, outputs) in LORA_MODULES.items():
        yield f"{module}.lora_A.weight", (rank, inputs)
        yield f"{module}.lora_B.weight", (outputs, rank)
