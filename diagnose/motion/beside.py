"""The motion of the previews beside something else: the model without the LoRA, or the training clips.

Against step 0 each prompt is held against itself. Against the clips it cannot be, for they show other scenes: so both
scatters count (B. L. Welch, Biometrika 34, 1947). A band holds the true ratio in 99 of 100 runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, variance

from msgspec import Struct

from diagnose.motion.levels import Levels, level_of
from diagnose.motion.series import MotionSeries
from diagnose.motion.student import quantile

BAND = 0.99
HUGE = 50.0
"""Two prompts can leave a band open on both sides; e to this power stands for that."""


class Ratio(Struct, frozen=True):
    """How much the previews move, as a multiple of something else, with the ends of its band; `pairs` were compared."""

    middle: float
    low: float
    high: float
    pairs: int


def beside_baseline(series: MotionSeries, levels: Levels, steps: Iterable[int]) -> Ratio | None:
    """Return the motion at some steps as a multiple of the same prompts' at step 0; None for less than two prompts."""
    start = {each.prompt: level_of(each.baseline.motion) for each in series.prompts if each.baseline is not None}
    logs = []
    for prompt, level in _by_prompt(levels, steps):
        before = start.get(prompt)
        if before is not None:
            logs.append(level - before)
    if len(logs) < 2:  # noqa: PLR2004 - one prompt has no scatter
        return None
    return _ratio(fmean(logs), variance(logs) / len(logs), len(logs) - 1, len(logs))


def beside_clips(series: MotionSeries, levels: Levels, steps: Iterable[int]) -> Ratio | None:
    """Return the motion at some steps as a multiple of that in the clips; None for less than two of either."""
    clips = [level for clip in series.clips if (level := level_of(clip)) is not None]
    logs = [level for _, level in _by_prompt(levels, steps)]
    if min(len(clips), len(logs)) < 2:  # noqa: PLR2004 - one has no scatter
        return None
    parts = [(variance(each) / len(each), len(each) - 1) for each in (logs, clips)]
    error = sum(part for part, _ in parts)
    freedom = error**2 / sum(part**2 / free for part, free in parts) if error else min(free for _, free in parts)
    return _ratio(fmean(logs) - fmean(clips), error, max(1, math.floor(freedom)), min(len(clips), len(logs)))


def _by_prompt(levels: Levels, steps: Iterable[int]) -> Sequence[tuple[int, float]]:
    """Return the mean level of each prompt at the steps that it has."""
    chosen = set(steps)
    found = []
    for prompt, logs in zip(levels.prompts, levels.logs, strict=True):
        own = [log for step, log in zip(levels.steps, logs, strict=True) if step in chosen and log is not None]
        if own:
            found.append((prompt, fmean(own)))
    return found


def _ratio(middle: float, error: float, freedom: int, pairs: int) -> Ratio:
    half = quantile((1 + BAND) / 2, freedom) * math.sqrt(error)
    low, high = (math.exp(min(HUGE, max(-HUGE, middle + side))) for side in (-half, half))
    return Ratio(math.exp(middle), low, high, pairs)
