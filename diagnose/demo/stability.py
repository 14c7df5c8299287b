"""Gradient stability: the share of gradient signs that repeat from one step to the next."""

from __future__ import annotations

from statistics import fmean

from diagnose.demo.case import Case
from diagnose.demo.chance import stream


def gradient_stabilities(case: Case, seed: int) -> list[float]:
    """Return the logged stability of every step; each expert's own values average exactly what the case says.

    The first step after a pause measures nothing, so its row repeats the other expert's last value.
    """
    settings, figures = case.settings, case.gradient_stability
    chance = stream(seed, case.name, "stability")
    draws = [chance.gauss(0, figures.spread) for _ in range(case.trained_steps)]
    own: dict[str, list[float]] = {}
    for step, draw in enumerate(draws):
        if not settings.resumes_at(step):
            own.setdefault(settings.expert_at(step).value, []).append(draw)
    shift = {expert: figures.mean - fmean(values) for expert, values in own.items()}
    values: list[float] = []
    for step, draw in enumerate(draws):
        repeated = settings.resumes_at(step)
        values.append(values[-1] if repeated else draw + shift[settings.expert_at(step).value])
    return values
