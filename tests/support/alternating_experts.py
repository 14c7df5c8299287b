"""Saves of two experts that take turns, drawn element by element: a constant pull and noise on a random start."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping

from measured import entries, measurement
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.pairs import Pair
from diagnose.weights.measurement import ExpertMeasurement

START = 0.0032
Pace = Callable[[int], float]
"""Learned part after so many own updates."""


def alternately(steps: int, block: int, *, starts: Iterable[int] = ()) -> list[Expert]:
    """Return the expert of each step, high-noise first at the beginning and at every start."""
    begun = sorted({0, *starts})
    turn = {step: step - max(each for each in begun if each <= step) for step in range(steps)}
    return [Expert.LOW if turn[step] // block % 2 else Expert.HIGH for step in range(steps)]


def saves(
    turns: list[Expert], every: int, learned: Mapping[Expert, Pace], *, final: bool = False, seed: int = 0
) -> list[Pair]:
    """Return a save every so many steps, of step N with the updates of the steps 0 to N, and the final one.

    Each own update adds its share of what is learned, give or take a tenth of it; a pause adds nothing.
    """
    draw = random.Random(seed)
    level, count = dict.fromkeys(Expert, 0.0), dict.fromkeys(Expert, 0)
    found = []
    for step, expert in enumerate(turns):
        rise = learned[expert](count[expert] + 1) - learned[expert](count[expert])
        level[expert] += rise * draw.gauss(1, 0.3)
        count[expert] += 1
        if step and step % every == 0:
            found.append(_pair(step, level, final=False))
    return [*found, _pair(len(turns), level, final=True)] if final else found


def _pair(step: int, level: Mapping[Expert, float], *, final: bool) -> Pair:
    stem = "j" if final else f"j_{step:09d}"
    experts = {expert: _measured(expert, level[expert]) for expert in Expert}
    return Pair(step, final, experts, tuple(f"{stem}_{expert.value}_noise.safetensors" for expert in Expert))


def _measured(expert: Expert, learned: float) -> ExpertMeasurement:
    """A file whose mean |w| is the start's and what was learned: down widens a little, up holds the rest."""
    up = 1.9 * learned
    found = measurement(expert, 2 * (START + learned) - up, up=entries(up, zeros=0 if up else 100))
    return ExpertMeasurement((replace(found.modules[0], update_norm=up),), expert)
