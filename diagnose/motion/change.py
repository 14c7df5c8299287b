"""Whether the motion of a run's previews fell or rose, where it turned, and by how much: certain changes only.

Compared are logarithms, paired over the prompts: each prompt with itself at other saves. Every course of `contrasts` is
held against its standard error, and the largest of these figures against the largest that each of DRAWS made-up runs
has in which nothing changes, with the same prompts and saves and the noise that this run shows (`noise`). So the many
courses tried, the few values, the gaps and noise that lasts from save to save are all in the limit.

Chosen by simulation (tests/bench/motion_runs.py; figures in tests/bench/MOTION_RUNS.md). Beside it, t over the prompts
with Bonferroni's correction finds far less (4 prompts have 3 degrees of freedom), and shuffling the saves gives false
alarms where noise lasts from one save to the next, as it takes each save for a fresh draw.

Limits. The size of the noise in previews of a real 14B run is unknown. What few saves say of noise that lasts is weak;
CUSHION makes up for it. Scatter is taken to be normal in the logarithm.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from diagnose.motion.contrasts import Scales, contrasts, sizes
from diagnose.motion.levels import Levels
from diagnose.motion.noise import NEAR_MOST, Floats, Layout, Noise, layout_of

ALARM = 0.002
"""Chance of a change where there is none. False alarms stay below 1 % where the noise itself has to be guessed."""
DRAWS = 3000
CUSHION = 0.1
"""Added to the correlation of neighbours in the runs compared with: few saves tell it too low too often."""
EQUALS = 0.05
"""Chance that the best save is told apart from one that is as good."""
SEED = 20


class Change(Struct, frozen=True):
    """A change that is certain.

    Attributes:
        ratio: the motion after it, or at the end of one that goes on, as a multiple of that before it.
        low, high: the ends of its band, which has room for all courses that were tried: 1 - ALARM.
        first: the step of the first save that is compared.
        last_before: the step of the last save without it.
        turned: the step of the first save with it.
        sudden: at once; else it goes on from there to the end.
    """

    ratio: float
    low: float
    high: float
    first: int
    last_before: int
    turned: int
    sudden: bool


class Course(Struct, frozen=True):
    """What the previews of a run say of its motion from save to save.

    Attributes:
        levels: what was measured.
        means: the logarithm of the motion at each save, over the prompts.
        noise: how much it varies by chance, without the changes.
        limit: how many standard errors a course must have.
        fall, rise: the certain changes; None where there is none.
        best: the step of the save that moves most.
        equals: the steps that chance alone may tell from it, itself among them, ascending.
    """

    levels: Levels
    means: tuple[float, ...]
    noise: Noise
    limit: float
    fall: Change | None
    rise: Change | None
    best: int
    equals: tuple[int, ...]


def course_of(levels: Levels) -> Course | None:
    """Return what the previews say; None where they are not enough."""
    if not levels.enough:
        return None
    layout, values = layout_of(levels)
    scales, noise = Scales.of(layout), layout.noise(values)
    limit, apart = limits(layout, scales, noise)
    size, error = sizes(layout, scales, values[None])
    fall = _change(levels.steps, layout, -size[0], error[0] * limit, sign=-1)
    rise = _change(levels.steps, layout, size[0], error[0] * limit, sign=1)
    means = tuple(map(float, layout.estimates(values[None]).means[0]))
    sound = [step for step in levels.steps if not (fall and step >= fall.turned) and not (rise and step < rise.turned)]
    level = {step: mean for step, mean in zip(levels.steps, means, strict=True) if step in (sound or levels.steps)}
    best = max(level, key=lambda step: level[step])
    near = apart * float(step_errors(layout, noise).max())
    equals = tuple(step for step, mean in level.items() if level[best] - mean <= near)
    for change in (fall, rise):
        values = values - _drawn(change, levels.steps)[layout.at[1]] if change is not None else values
    return Course(levels, means, layout.noise(values), limit, fall, rise, best, equals)


def _drawn(change: Change, steps: tuple[int, ...]) -> Floats:
    """Return a change as it goes over the steps."""
    turn = steps.index(change.turned)
    after = len(steps) - turn
    part = np.ones(after) if change.sudden else np.arange(1, after + 1) / after
    return math.log(change.ratio) * np.concatenate([np.zeros(turn), part])


def limits(layout: Layout, scales: Scales, noise: Noise) -> tuple[float, float]:
    """Return how many standard errors chance makes: of the largest course, and of the largest gap between two saves."""
    wary = replace(noise, near=min(NEAR_MOST, noise.near + CUSHION))
    values = layout.constant_runs(wary, DRAWS, SEED)
    size, error = sizes(layout, scales, values)
    largest = np.abs(size / error).max(1)
    means = layout.estimates(values).means
    gaps = (means.max(1) - means.min(1)) / step_errors(layout, noise).max()
    return float(np.quantile(largest, 1 - ALARM)), float(np.quantile(gaps, 1 - EQUALS))


def step_errors(layout: Layout, noise: Noise) -> Floats:
    """Return the standard error of each save's level by itself."""
    return np.asarray(np.sqrt(np.maximum(noise.own * np.diag(layout.overlap) + noise.shared, 1e-12)))


def _change(steps: tuple[int, ...], layout: Layout, size: Floats, needed: Floats, *, sign: int) -> Change | None:
    """Return the surest change in one direction, in which `size` is positive; None where none is as large as needed."""
    tried = contrasts(layout.saves)
    surest = int(np.argmax(size / needed))
    if size[surest] <= needed[surest]:
        return None
    half = float(needed[surest])
    middle = sign * float(size[surest])
    turn = tried.turns[surest]
    return Change(
        ratio=math.exp(middle),
        low=math.exp(middle - half),
        high=math.exp(middle + half),
        first=steps[tried.first[surest]],
        last_before=steps[turn - 1],
        turned=steps[turn],
        sudden=tried.sudden[surest],
    )
