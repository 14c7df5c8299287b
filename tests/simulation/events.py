"""What happens to a run that its config does not say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulation.deaths import Death

GROWTH = 1.03
"""What an exploding loss is multiplied with at every step."""


@dataclass(frozen=True, slots=True)
class Events:
    """What befalls a run; nothing by default. Steps count from 0.

    Attributes:
        death: a Ctrl-C or a crash in a step.
        nan_from: the first step whose loss is no number; `nan_until`: the first that is one again (None: none is).
        explodes_from: the step from which losses grow at every step.
        resumed_at: the step at which a new process goes on; `rates_lost`: without the optimizer's state.
        half_pair: the newest save has no low-noise file.
        foreign_log: the config of another job, whose log lies in the folder in place of the run's own.
        killed: the system kills the process: the death leaves no traceback.
    """

    death: Death | None = None
    nan_from: int | None = None
    nan_until: int | None = None
    explodes_from: int | None = None
    resumed_at: int | None = None
    rates_lost: bool = False
    half_pair: bool = False
    foreign_log: str | None = None
    killed: bool = False

    def bent(self, loss: float, step: int) -> float:
        """Return what becomes of a loss."""
        if self.nan_from is not None and self.nan_from <= step < (self.nan_until or math.inf):
            return math.nan
        if self.explodes_from is not None and step >= self.explodes_from:
            return loss * GROWTH ** min(step - self.explodes_from, 400)
        return loss
