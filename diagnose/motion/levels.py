"""How strongly each prompt moves at each step, as logarithms: what the statistics of a run's previews work with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from diagnose.motion.measured import STILL_AMOUNT, ClipMotion, Unmeasured
from diagnose.motion.series import MotionSeries

FEWEST_PROMPTS = 4
"""With fewer, what two or three scenes do is not what the LoRA does."""
FEWEST_SAVES = 4
"""Two on either side of a change; with fewer, the scatter from save to save cannot be told from a change."""
MOST_SAVES = 48
"""Of more, as many are taken, evenly spread: the arithmetic grows with their square, and what is found hardly."""


class Levels(Struct, frozen=True):
    """The logarithm of the amount of motion, prompt by prompt.

    Attributes:
        prompts: their numbers in the config.
        steps: the steps, ascending; step 0 is not among them.
        logs: for each prompt one value per step; None where it was not measured or cannot be trusted.
    """

    prompts: tuple[int, ...]
    steps: tuple[int, ...]
    logs: tuple[tuple[float | None, ...], ...]

    @property
    def enough(self) -> bool:
        """Whether they can tell a change from chance at all."""
        return len(self.prompts) >= FEWEST_PROMPTS and len(self.steps) >= FEWEST_SAVES


def level_of(motion: ClipMotion | Unmeasured) -> float | None:
    """Return the logarithm of a clip's amount of motion; None without a figure.

    A still clip counts as one at the limit below which everything is still: what is less is noise, and its logarithm
    could be anything.
    """
    if isinstance(motion, Unmeasured):
        return None
    if motion.still:
        return math.log(STILL_AMOUNT)
    return math.log(max(motion.amount, STILL_AMOUNT)) if motion.amount is not None else None


def levels_of(series: MotionSeries) -> Levels:
    """Return the levels of the prompts that have half of the steps, at the steps that half of these prompts have."""
    known = {each.prompt: {point.step: level_of(point.motion) for point in each.points} for each in series.prompts}
    measured = {prompt: {s: log for s, log in own.items() if log is not None} for prompt, own in known.items()}
    return _dense(measured, _spread(sorted({step for own in measured.values() for step in own})))


def _spread(steps: Sequence[int]) -> Sequence[int]:
    if len(steps) <= MOST_SAVES:
        return steps
    return [steps[round(index * (len(steps) - 1) / (MOST_SAVES - 1))] for index in range(MOST_SAVES)]


def _dense(measured: Mapping[int, Mapping[int, float]], steps: Sequence[int]) -> Levels:
    prompts = [
        prompt for prompt, own in measured.items() if own and 2 * sum(step in own for step in steps) >= len(steps)
    ]
    kept = [step for step in steps if 2 * sum(step in measured[prompt] for prompt in prompts) >= len(prompts) > 0]
    prompts = [prompt for prompt in prompts if any(step in measured[prompt] for step in kept)]
    logs = tuple(tuple(measured[prompt].get(step) for step in kept) for prompt in prompts)
    return Levels(tuple(prompts), tuple(kept), logs)
