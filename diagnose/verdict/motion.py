"""The motion in the previews step by step, for the report: how much, against step 0, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean, median, stdev

from msgspec import Struct
from msgspec.structs import replace

from diagnose.facts.known import Known
from diagnose.motion.measured import STILL_AMOUNT, TRUST_GOOD, TRUST_LEAST, ClipMotion, Unmeasured
from diagnose.motion.series import Motion, MotionSeries, Point
from diagnose.motion.student import quantile

DEFINITION = (
    "Motion: mean speed in the picture, in short sides of the picture per second. Trust: share of the pixels that "
    f"could be followed; below {TRUST_LEAST:g} there is no figure, below {TRUST_GOOD:g} take it with care. Range: "
    "90 % interval over the prompts. Tried on made-up clips and a few real videos, not on previews of a real 14B run."
)
UPPER = 0.95
"""Upper end of a 90 % band."""


class MotionStep(Struct, frozen=True):
    """The previews of a step.

    Attributes:
        previews: how many there are of the prompts that are compared.
        prompts: how many of them have figures.
        amount: mean speed in the picture, in short sides per second; the median over the prompts.
        trust: share of the pixels whose motion could be followed; the median over the prompts.
        ratio: the amount as a multiple of the same prompts' at the step it is held against; the geometric mean.
        low, high: the ends of its 90 % band; None for less than two prompts.
    """

    step: int
    previews: int
    prompts: int
    amount: float | None
    trust: float | None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


class MotionCourse(Struct, frozen=True):
    """What the previews say of a change, by the facts `motion.*`; None where they do not tell.

    Attributes:
        prompts: how many are compared.
        inconclusive: a change cannot be told from chance; `prompts_to_settle` is how many prompts could show a fall.
        steady: there is none, and a fall would have been found.
        turned_at, change, low, high, way: the first step that shows a change, the motion after it as a multiple of that
            before, the ends of the band, and whether it came at once.
        best_step, best_equals: the step that moves most, and those that chance alone may tell from it.
        power: of ten such runs, those in which a fall by 30 % would be found.
        smallest_fall: the smallest fall that most such runs would show, as a part of the motion.
    """

    prompts: int
    inconclusive: bool | None
    steady: bool | None
    turned_at: int | None
    change: float | None
    low: float | None
    high: float | None
    way: str | None
    best_step: int | None
    best_equals: str | None
    power: int | None
    smallest_fall: float | None
    prompts_to_settle: int | None


class PreviewMotion(Struct, frozen=True):
    """One preview; the figures are those of `ClipMotion`, None where there is none."""

    step: int
    amount: float | None
    strong: float | None
    camera: float | None
    object: float | None
    trust: float | None
    file: str


class PromptMotion(Struct, frozen=True):
    """The previews of one prompt, step 0 first; its number in the config counts from 0."""

    prompt: int
    seed: int | None
    points: tuple[PreviewMotion, ...]


class MotionChange(Struct, frozen=True):
    """A certain change: the first step that shows it, the motion after it as a multiple of that before, and its band.

    `power` is the share of such runs in which a fall by 30 % would be found.
    """

    from_step: int
    factor: float
    band: tuple[float, float]
    power: float


class MotionTable(Struct, frozen=True):
    """The motion in a run's previews.

    Attributes:
        against: the step that the others are held against: 0, the model without the LoRA, where that was previewed.
        steps: each previewed step.
        clip_amount: mean speed in the training clips, as the trainer teaches them; the median.
        series: the previews one by one.
        averaged: the previews were made with averages of the weights (EMA); None where that is unknown.
        alone: the one expert that is trained, so that the other in the previews is the base model's; "" for both.
        course: what they say of a change; None for less than two steps that compare.
        change: the change that is certain; None where there is none.
        prompts: the figures prompt by prompt.
        definition: what the figures are, and how far they were tried.
    """

    against: int | None
    steps: tuple[MotionStep, ...]
    clip_amount: float | None
    series: MotionSeries
    averaged: bool | None = None
    alone: str = ""
    course: MotionCourse | None = None
    change: MotionChange | None = None
    prompts: tuple[PromptMotion, ...] = ()
    definition: str = DEFINITION

    @property
    def measured(self) -> bool:
        """Whether any step has a figure."""
        return any(each.prompts for each in self.steps)

    @property
    def unmeasured(self) -> tuple[Unmeasured, ...]:
        """The previews that could not be measured."""
        motions = [point.motion for each in self.series.prompts for point in each.every_point]
        return tuple(each for each in motions if isinstance(each, Unmeasured))


def motion_of(known: Known) -> MotionTable | None:
    """Return the motion in the previews of a run; None where nobody measured it or there is none to measure."""
    series = known.evidence.motion
    if series is None or not (series.prompts or series.left_out):
        return None
    experts = known.training.experts
    alone = experts[0] if len(experts) == 1 else ""
    averaged = known.truth("effective.ema")
    course = _course(known)
    change = _change(course) if course is not None else None
    return replace(table_of(series), averaged=averaged, alone=alone, course=course, change=change)


def _change(course: MotionCourse) -> MotionChange | None:
    step, factor, low, high, power = course.turned_at, course.change, course.low, course.high, course.power
    if step is None or factor is None or low is None or high is None or power is None:
        return None
    return MotionChange(step, factor, (low, high), power / 10)


def _course(known: Known) -> MotionCourse | None:
    prompts = known.count("motion.prompts")
    if prompts is None:
        return None
    return MotionCourse(
        prompts=prompts,
        inconclusive=known.truth("motion.inconclusive"),
        steady=known.truth("motion.consistent"),
        turned_at=known.count("motion.turned_at"),
        change=known.number("motion.change"),
        low=known.number("motion.change_low"),
        high=known.number("motion.change_high"),
        way=known.text("motion.way"),
        best_step=known.count("motion.best_step"),
        best_equals=known.text("motion.best_equals"),
        power=known.count("motion.power"),
        smallest_fall=known.number("motion.smallest_fall"),
        prompts_to_settle=known.count("motion.prompts_to_settle"),
    )


def table_of(series: MotionSeries) -> MotionTable:
    """Return the table of some series."""
    by_step: dict[int, dict[int, Motion]] = {}
    for each in series.prompts:
        for point in each.every_point:
            by_step.setdefault(point.step, {})[each.prompt] = point.motion
    by_step = dict(sorted(by_step.items()))
    amounts = {step: _amounts(own) for step, own in by_step.items()}
    against = next((step for step, own in amounts.items() if own and 2 * len(own) >= len(series.prompts)), None)
    held = amounts[against] if against is not None else {}
    clips = [each.amount for each in series.clips if each.amount is not None]
    return MotionTable(
        against=against,
        steps=tuple(_step(step, own, held if step != against else {}) for step, own in by_step.items()),
        clip_amount=median(clips) if clips else None,
        series=series,
        prompts=tuple(
            PromptMotion(each.prompt, each.seed, tuple(map(_preview, each.every_point))) for each in series.prompts
        ),
    )


def _preview(point: Point) -> PreviewMotion:
    own = point.motion
    if isinstance(own, Unmeasured):
        return PreviewMotion(point.step, None, None, None, None, None, point.file)
    return PreviewMotion(point.step, own.amount, own.strong, own.camera, own.object, own.trust, point.file)


def _amounts(motions: Mapping[int, Motion]) -> dict[int, float]:
    """Return the amount of motion by prompt where it can be trusted."""
    known = {prompt: each.amount for prompt, each in motions.items() if isinstance(each, ClipMotion)}
    return {prompt: amount for prompt, amount in known.items() if amount is not None}


def _step(step: int, motions: Mapping[int, Motion], held: Mapping[int, float]) -> MotionStep:
    amounts = _amounts(motions)
    trusts = [each.trust for each in motions.values() if isinstance(each, ClipMotion)]
    both = amounts.keys() & held.keys()
    logs = [math.log(max(amounts[each], STILL_AMOUNT) / max(held[each], STILL_AMOUNT)) for each in sorted(both)]
    ends: tuple[float | None, float | None] = (None, None)
    if len(logs) > 1:
        half = quantile(UPPER, len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
        ends = math.exp(fmean(logs) - half), math.exp(fmean(logs) + half)
    return MotionStep(
        step=step,
        previews=len(motions),
        prompts=len(amounts),
        amount=median(amounts.values()) if amounts else None,
        trust=median(trusts) if trusts else None,
        ratio=math.exp(fmean(logs)) if logs else None,
        low=ends[0],
        high=ends[1],
    )
