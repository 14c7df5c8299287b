"""Previews that scatter and fall together, as evidence of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from builders import recorder
from made_motion import clip, series_of
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Intent
from diagnose.facts.evidence import Evidence
from diagnose.facts.motion import broken, changes, references
from diagnose.facts.recorder import Recorder
from diagnose.motion.measured import ClipMotion
from diagnose.motion.series import MotionSeries

Amounts = Mapping[int, Sequence["float | None"]]
PAN = {"camera_share": 0.95, "camera": 0.2, "object": 0.01, "object_strong": 0.03}


def amounts(
    times: Callable[[int], float],
    *,
    prompts: int = 5,
    saves: int = 12,
    scatter: float = 0.08,
    baseline: float | None = 1,
) -> dict[int, list[float | None]]:
    """Return what each prompt moves: at save n `times(n)` as much as its own level, at step 0 `baseline` times."""
    chance = np.random.default_rng(4)
    own = [0.1 * 1.3**prompt for prompt in range(prompts)]
    rows: dict[int, list[float | None]] = {}
    if baseline is not None:
        rows[0] = [level * baseline for level in own]
    for save in range(saves):
        rows[100 * (save + 1)] = [level * times(save) * float(np.exp(chance.normal(0, scatter))) for level in own]
    return rows


def shown(rows: Amounts, *, clips: Sequence[float] = (), figures: Mapping[str, float] = {}) -> MotionSeries:
    """Return series of previews that move so much, each with these other figures too."""
    series = series_of(rows)
    taught = tuple(clip(f"clips/{index}.mp4", amount) for index, amount in enumerate(clips))
    prompts = [
        replace(
            each,
            points=tuple(
                replace(point, motion=replace(point.motion, **figures))
                if isinstance(point.motion, ClipMotion)
                else point
                for point in each.points
            ),
        )
        for each in series.prompts
    ]
    return replace(series, prompts=tuple(prompts), clips=taught)


def previewed(series: MotionSeries | None) -> tuple[Evidence, Recorder]:
    """Return the evidence of a run with such previews, and the facts of its motion."""
    found, record = evidence(intent=Intent.MOTION, motion=series), recorder()
    for extract in (changes.extract, references.extract, broken.extract):
        extract(found, record)
    return found, record
