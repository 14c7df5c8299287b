"""The rows of metrics_<job>.jsonl and the scheduler states saved with the checkpoints, in the fork's form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diagnose.demo.alpha import AlphaScheduler
from diagnose.demo.case import Case
from diagnose.demo.chance import stream
from diagnose.demo.losses import losses
from diagnose.demo.rates import learning_rates
from diagnose.demo.stability import gradient_stabilities
from diagnose.domains.wan22.experts import Expert


@dataclass(frozen=True, slots=True)
class Training:
    """What a run logged: one row per step, and step -> the scheduler's state at each save.

    The final save of a finished run holds the state after the last step, and stands under that step.
    """

    rows: list[dict[str, Any]]
    alpha_states: dict[int, dict[str, Any]]


def train(case: Case, seed: int) -> Training:
    """Return the log of the run: keys, their order and their number forms as the fork writes them."""
    scheduler = AlphaScheduler(case.settings)
    keep = {min(step, case.trained_steps - 1) for step in case.saves}
    rows: list[dict[str, Any]] = []
    states: dict[int, dict[str, Any]] = {}
    signals = (
        _times(case, seed),
        losses(case, seed),
        gradient_stabilities(case, seed),
        learning_rates(case, seed),
    )
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


def _times(case: Case, seed: int) -> list[datetime]:
    chance = stream(seed, case.name, "time")
    now = case.started
    times = []
    for _ in range(case.trained_steps):
        times.append(now)
        now += timedelta(seconds=case.seconds_per_step * chance.uniform(0.97, 1.03))
    return times
