"""What the previews of a run could have shown: how large a fall would have been found, and with how many prompts.

Worked out on made-up runs with the noise that this run shows, in which the motion falls once, halfway.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diagnose.motion.change import Course, limits
from diagnose.motion.contrasts import Scales, sizes
from diagnose.motion.levels import FEWEST_PROMPTS, FEWEST_SAVES, Levels
from diagnose.motion.noise import Layout, Noise, layout_of, whole

FALL = 0.3
"""The fall that is asked about: what an eye sees at once between two previews."""
ENOUGH = 0.8
"""A run that finds so many of them can say that there is none."""
FALLS = (0.1, 0.15, 0.2, FALL, 0.4, 0.5, 0.6, 0.75, 0.9)
PROMPTS = (4, 5, 6, 8, 10, 12, 16)
RUNS = 400
SEED = 21


def power(layout: Layout, noise: Noise, limit: float, falls: Sequence[float] = (FALL,)) -> tuple[float, ...]:
    """Return, for falls by a part of the motion, the share of such runs in which it is found, 0 to 1."""
    scales, constant = Scales.of(layout), layout.constant_runs(noise, RUNS, SEED)
    late = layout.at[1] >= layout.saves // 2
    found = (sizes(layout, scales, constant + math.log(1 - fall) * late) for fall in falls)
    return tuple(float(np.mean((-size / error).max(1) > limit)) for size, error in found)


def power_of(course: Course) -> tuple[float, float | None]:
    """Return the power of a run for FALL, and the smallest of FALLS that ENOUGH such runs find (None: no one)."""
    shares = dict(zip(FALLS, power(layout_of(course.levels)[0], course.noise, course.limit, FALLS), strict=True))
    return shares[FALL], next((fall for fall, share in shares.items() if share >= ENOUGH), None)


def prompts_to_settle(levels: Levels) -> int | None:
    """Return with how many prompts, at as many saves, ENOUGH runs would find a fall by FALL.

    None where more than the last of PROMPTS are needed, or where the saves are too few to know the noise.
    """
    saves = len(levels.steps)
    if saves < FEWEST_SAVES or not levels.prompts:
        return None
    layout, values = layout_of(levels)
    noise = layout.noise(values)
    for prompts in PROMPTS:
        if prompts < max(FEWEST_PROMPTS, len(levels.prompts) + 1):
            continue
        asked = whole(prompts, saves)
        if power(asked, noise, limits(asked, Scales.of(asked), noise)[0])[0] >= ENOUGH:
            return prompts
    return None
