"""Measured previews by hand: what each prompt moves at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from diagnose.motion.measured import TRUST_LEAST, ClipMotion, Unmeasured
from diagnose.motion.series import Motion, MotionSeries, Point, PromptSeries

CLIP = ClipMotion(
    file="",
    frames=33,
    pairs=32,
    seconds=2.0,
    width=480,
    height=832,
    trust=0.9,
    still=False,
    amount=0.2,
    strong=0.6,
    camera=0.01,
    object=0.2,
    object_strong=0.6,
    camera_share=0.1,
    coarse_share=0.5,
    liveliest=7,
)
FIGURES = ("amount", "strong", "camera", "object", "object_strong", "camera_share", "coarse_share", "liveliest")


def file_of(step: int, prompt: int) -> str:
    """Return the name of a preview."""
    return f"samples/{1000 * step + prompt}__{step:09d}_{prompt}.webp"


def clip(file: str, amount: float | None, trust: float = 0.9) -> ClipMotion:
    """Return a clip that moves so much; one that cannot be trusted has no figures."""
    if amount is None or trust < TRUST_LEAST:
        return replace(CLIP, file=file, trust=min(trust, TRUST_LEAST / 2), **dict.fromkeys(FIGURES))
    return replace(CLIP, file=file, trust=trust, amount=amount, still=amount == 0)


def broken(file: str, reason: str = "truncated, or not a video") -> Unmeasured:
    """Return a file that cannot be measured."""
    return Unmeasured(file, reason, damage=True)


def series_of(amounts: Mapping[int, Sequence[float | None]], *, seed: int | None = 42) -> MotionSeries:
    """Return the series of prompts that move so much, by step; step 0 is the baseline."""
    points: dict[int, list[Point]] = {}
    for step, own in sorted(amounts.items()):
        for prompt, amount in enumerate(own):
            motion: Motion = clip(file_of(step, prompt), amount)
            points.setdefault(prompt, []).append(Point(step, motion.file, motion))
    return MotionSeries(
        tuple(
            PromptSeries(
                prompt,
                seed,
                f"a walk, {prompt}",
                next((point for point in own if not point.step), None),
                tuple(point for point in own if point.step),
            )
            for prompt, own in points.items()
        )
    )
