"""The figures an example run is made from, read from `knowledge/cases/`. No synthesis here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from diagnose.core.errors import DiagnoseError
from diagnose.core.resources import knowledge_dir
from diagnose.demo.settings import Settings, read_settings
from diagnose.domains.wan22.experts import Expert


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


def load_case(name: str) -> Case:
    """Return the case called `name`.

    Raises:
        DiagnoseError: there is no such case, or its file is damaged.
    """
    cases = {path.stem: path for path in sorted((knowledge_dir() / "cases").glob("*.yaml"))}
    if name not in cases:
        raise DiagnoseError(f"{name}: no such example run; there are {', '.join(cases)}")
    return _read(cases[name])


def _read(path: Path) -> Case:
    try:
        return Case.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise DiagnoseError(f"{path}: damaged case file; reinstall the package") from error
