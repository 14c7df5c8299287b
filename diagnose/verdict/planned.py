"""The next run: its config or configs, and what its learning rates are expected to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from diagnose.facts.outlook.forecast import Forecast
from diagnose.model import Expert
from diagnose.verdict.outcome import Change, Conflict, NotEvaluated


class Reach(str, Enum):
    """Where an expected learning-rate ratio lies beside the range that is wanted."""

    UNDER = "under"
    WITHIN = "within"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one config's learning rates are expected to come to at the end of its run; None where unknown.

    `config` says whose: "this config", or the strategy of a next one. A ratio that never changes has neither step nor
    band. `reach` is None where no ratio is wanted or known; `note` says why there is no forecast.
    """

    config: str
    step: int | None
    lr_high: float | None
    lr_low: float | None
    lr_ratio: float | None
    band: tuple[float, float] | None
    wanted_from: int | None
    """The first step shown from which on the ratio stays at or above the wanted minimum."""
    reach: Reach | None
    note: str


@dataclass(frozen=True, slots=True)
class ExpertConfig:
    """The config of a run that trains one expert alone; `changes` are all that lead from the user's config to it."""

    expert: Expert
    name: str | None
    """The job's name; None where the file has none to change."""
    changes: tuple[Change, ...]
    config: str
    diff: str


@dataclass(frozen=True, slots=True)
class NextConfig:
    """The next run. `config` is None when there is no config to edit, or when two take its place (`configs`)."""

    strategy: str
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    config: str | None
    diff: str | None
    note: str
    forecast: Forecast | None = None
    """What the learning rates will do under the next config, as `Report.forecast` says it of this one."""
    outlook: tuple[Outlook, ...] = ()
    """This config beside the next one of either strategy."""
    lr_ratio_wanted: tuple[float, float] | None = None
    """The range of the learning-rate ratio that the intent wants; None where none is known."""
    waiting: tuple[NotEvaluated, ...] = ()
    """Changes that would follow if something the user can say were known."""
    configs: tuple[ExpertConfig, ...] = ()
    """Two configs in place of one, where that was asked for: the high-noise expert's first."""
