"""The rows of metrics_<job>.jsonl, and the fork's alpha scheduler as it shows in them and in its saved states.

The recursion constants and the exit rule are those of its alpha_scheduler.py (commit 64b3e52), because the figures
it logs must agree with each other the way they do in a real run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import pstdev
from typing import Any

from msgspec import Struct

from diagnose.demo.case import Case, Phase
from diagnose.demo.signals import TREND_OVER, fit_line, gradient_stabilities, learning_rates, losses, times
from diagnose.domains.wan22.experts import Expert

_TREND_FROM = 20
"""Losses before the first trend is logged."""
_EXIT_FROM = 100
"""Losses before a phase may end."""
_VARIATION_OVER = 50
_MAX_VARIATION = 0.5
"""std / mean of the recent losses, both experts mixed, above which no phase ends."""
_WEIGHTS = {10: 0.182, 50: 0.039, 100: 0.020}
"""Averaging period in steps -> weight of the newest value, as rounded there."""


class Training(Struct, frozen=True):
    """What a run logged: one row per step, and step -> the scheduler's state at each save.

    The final save of a finished run holds the state after the last step, and stands under that step.
    """

    rows: list[dict[str, Any]]
    alpha_states: dict[int, dict[str, Any]]


def train(case: Case, seed: int) -> Training:
    """Return the log of the run: keys, their order and their number forms as the fork writes them."""
    scheduler = AlphaScheduler(case.settings.phases, case.settings.linear_alpha)
    keep = {min(step, case.trained_steps - 1) for step in case.saves}
    rows: list[dict[str, Any]] = []
    states: dict[int, dict[str, Any]] = {}
    signals = (signal(case, seed) for signal in (times, losses, gradient_stabilities, learning_rates))
    for step, (time, loss, stability, rates) in enumerate(zip(*signals, strict=True)):
        scheduler.update(step, loss, stability)
        rows.append(
            {
                "step": step,
                "timestamp": time.isoformat(),
                "loss": loss,
                "gradient_stability": stability,
                "expert": f"{case.settings.expert_at(step).value}_noise",
                "lr_0": rates[Expert.HIGH],
                "lr_1": rates[Expert.LOW],
                **scheduler.row(),
            }
        )
        if step in keep:
            states[step] = scheduler.state()
    return Training(rows, states)


class AlphaScheduler:
    """The scheduler's state, fed step by step."""

    def __init__(self, phases: Sequence[Phase], linear_alpha: float) -> None:
        self._phases = phases
        self._linear_alpha = linear_alpha
        self._phase = 0
        self._steps_in_phase = 0
        self._step = 0
        self._transitions: list[dict[str, Any]] = []
        self._losses: deque[float] = deque(maxlen=TREND_OVER)
        self._stabilities: deque[float] = deque(maxlen=TREND_OVER)
        self._loss_averages: dict[int, float] = {}
        self._stability_averages: dict[int, float] = {}
        self._trend: tuple[float, float] | None = None

    def update(self, step: int, loss: float, stability: float) -> None:
        """Take in one step, and end the phase if it may."""
        self._step = step
        self._steps_in_phase += 1
        self._losses.append(loss)
        self._stabilities.append(stability)
        _average(self._loss_averages, loss)
        _average(self._stability_averages, stability)
        self._trend = fit_line(list(self._losses)) if len(self._losses) >= _TREND_FROM else None
        if self._may_end(self._phases[self._phase]):
            before, after = self._phases[self._phase : self._phase + 2]
            self._transitions.append(
                {
                    "step": step,
                    "from_phase": before.name,
                    "to_phase": after.name,
                    "from_alpha": before.alpha,
                    "to_alpha": after.alpha,
                    "steps_in_phase": self._steps_in_phase,
                }
            )
            self._phase += 1
            self._steps_in_phase = 0

    def row(self) -> dict[str, Any]:
        """Return the scheduler's part of a metrics row."""
        phase = self._phases[self._phase]
        trend = {} if self._trend is None else {"loss_slope": self._trend[0], "loss_r2": self._trend[1] ** 2}
        return {
            "alpha_enabled": True,
            "phase": phase.name,
            "phase_idx": self._phase,
            "steps_in_phase": self._steps_in_phase,
            "conv_alpha": phase.alpha,
            "linear_alpha": self._linear_alpha,
            **trend,
            "loss_samples": len(self._losses),
            "gradient_stability_avg": self._stability_averages[50],
            **_named("loss_ema", self._loss_averages),
            **_named("grad_ema", self._stability_averages),
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
            **_named("global_loss_ema", self._loss_averages),
            **_named("global_grad_ema", self._stability_averages),
        }

    def _may_end(self, phase: Phase) -> bool:
        if phase.plateau is None or phase.stability is None or self._trend is None:
            return False
        if self._steps_in_phase < phase.min_steps or len(self._losses) < _EXIT_FROM:
            return False
        level = -5 * phase.plateau < self._trend[0] <= 0.05 * phase.plateau
        stable = self._stability_averages[50] >= phase.stability
        variation = pstdev(list(self._losses)[-_VARIATION_OVER:]) / self._loss_averages[50]
        return level and stable and variation < _MAX_VARIATION


def _average(averages: dict[int, float], value: float) -> None:
    """Move exponential averages over 10, 50 and 100 steps, which start at the first value."""
    for period, weight in _WEIGHTS.items():
        averages[period] = weight * value + (1 - weight) * averages.get(period, value)


def _named(prefix: str, averages: dict[int, float]) -> dict[str, float]:
    return {f"{prefix}_{period}": value for period, value in averages.items()}
