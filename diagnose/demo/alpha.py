"""The fork's alpha scheduler as it shows in its files: moving averages, loss trend, phases.

The recursion constants and the exit rule are those of its alpha_scheduler.py (commit 64b3e52), because the figures
it logs must agree with each other the way they do in a real run.
"""

from __future__ import annotations

from collections import deque
from statistics import pstdev
from typing import Any

from diagnose.demo.regression import Line, fit_line
from diagnose.demo.settings import Phase, Settings

_HISTORY = 200
_TREND_FROM = 20
"""Losses before the first trend is logged."""
_EXIT_FROM = 100
"""Losses before a phase may end."""
_VARIATION_OVER = 50
_MAX_VARIATION = 0.5
"""std / mean of the recent losses, both experts mixed, above which no phase ends."""
_WEIGHTS = {10: 0.182, 50: 0.039, 100: 0.020}
"""Averaging period in steps -> weight of the newest value, as rounded there."""


class _Averages:
    """Exponential moving averages over 10, 50 and 100 steps."""

    def __init__(self) -> None:
        self.values: dict[int, float] = {}

    def add(self, value: float) -> None:
        for period, weight in _WEIGHTS.items():
            before = self.values.get(period, value)
            self.values[period] = weight * value + (1 - weight) * before

    def named(self, prefix: str) -> dict[str, float]:
        return {f"{prefix}_{period}": value for period, value in self.values.items()}


class AlphaScheduler:
    """The scheduler's state, fed step by step."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._phase = 0
        self._steps_in_phase = 0
        self._step = 0
        self._transitions: list[dict[str, Any]] = []
        self._losses: deque[float] = deque(maxlen=_HISTORY)
        self._stabilities: deque[float] = deque(maxlen=_HISTORY)
        self._loss_averages = _Averages()
        self._stability_averages = _Averages()
        self._trend: Line | None = None

    def update(self, step: int, loss: float, stability: float) -> None:
        """Take in one step, and end the phase if it may."""
        self._step = step
        self._steps_in_phase += 1
        self._losses.append(loss)
        self._stabilities.append(stability)
        self._loss_averages.add(loss)
        self._stability_averages.add(stability)
        self._trend = fit_line(list(self._losses)) if len(self._losses) >= _TREND_FROM else None
        if self._may_end(self._settings.phases[self._phase]):
            self._next_phase()

    def row(self) -> dict[str, Any]:
        """Return the scheduler's part of a metrics row."""
        phase = self._settings.phases[self._phase]
        trend = {} if self._trend is None else {"loss_slope": self._trend.slope, "loss_r2": self._trend.r2}
        return {
            "alpha_enabled": True,
            "phase": phase.name,
            "phase_idx": self._phase,
            "steps_in_phase": self._steps_in_phase,
            "conv_alpha": phase.alpha,
            "linear_alpha": self._settings.linear_alpha,
            **trend,
            "loss_samples": len(self._losses),
            "gradient_stability_avg": self._stability_averages.values[50],
            **self._loss_averages.named("loss_ema"),
            **self._stability_averages.named("grad_ema"),
        }

    def state(self) -> dict[str, Any]:
        """Return what is saved beside a checkpoint."""
        return {
            "enabled": True,
            "current_phase_idx": self._phase,
            "steps_in_phase": self._steps_in_phase,
            "total_steps": self._step,
            "transition_history": list(self._transitions),
            "global_losses": list(self._losses),
            "global_grad_stability": list(self._stabilities),
            **self._loss_averages.named("global_loss_ema"),
            **self._stability_averages.named("global_grad_ema"),
        }

    def _may_end(self, phase: Phase) -> bool:
        if phase.plateau is None or phase.stability is None or self._trend is None:
            return False
        if self._steps_in_phase < phase.min_steps or len(self._losses) < _EXIT_FROM:
            return False
        level = -5 * phase.plateau < self._trend.slope <= 0.05 * phase.plateau
        stable = self._stability_averages.values[50] >= phase.stability
        return level and stable and self._variation() < _MAX_VARIATION

    def _variation(self) -> float:
        recent = list(self._losses)[-_VARIATION_OVER:]
        return pstdev(recent) / self._loss_averages.values[50]

    def _next_phase(self) -> None:
        before, after = self._settings.phases[self._phase : self._phase + 2]
        self._transitions.append(
            {
                "step": self._step,
                "from_phase": before.name,
                "to_phase": after.name,
                "from_alpha": before.alpha,
                "to_alpha": after.alpha,
                "steps_in_phase": self._steps_in_phase,
            }
        )
        self._phase += 1
        self._steps_in_phase = 0
