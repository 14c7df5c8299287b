"""Whether the motion in the previews changed from save to save, where it turned, and how large a change would show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from diagnose.core.values import Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.motion.levels import Levels
from diagnose.motion.measured import ClipMotion
from diagnose.motion.series import MotionSeries, PromptSeries

FEWEST_STEPS = 2
TEN = 10


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record what the previews say of a change: `motion.comparable`, `motion.degraded`, `motion.power`, ..."""
    series, levels = evidence.motion, evidence.motion_levels
    comparable = series is not None and levels is not None and len(levels.steps) >= FEWEST_STEPS
    record.known("motion.comparable", comparable)
    if series is None or levels is None or not comparable:
        return
    ends = list(places_of(series, (levels.steps[0], levels.steps[-1])))
    record.known("motion.prompts", len(levels.prompts), places=ends)
    record.known("motion.steps", len(levels.steps), places=ends)
    if evidence.motion_course is None:
        _record_unclear(levels, ends, record)
    else:
        _record_course(evidence, series, ends, record)


def places_of(series: MotionSeries, steps: Iterable[int]) -> Iterator[Place]:
    """Yield the previews of some steps."""
    wanted = set(steps)
    for each in series.prompts:
        for point in each.every_point:
            if point.step in wanted:
                yield Place(point.file, step=point.step)


def _record_unclear(levels: Levels, ends: Sequence[Place], record: Recorder) -> None:
    """Record that nothing certain can be said, and what could say it."""
    from diagnose.motion.power import prompts_to_settle  # noqa: PLC0415 - numpy, and few runs have previews

    record.known("motion.inconclusive", value=True, places=ends)
    needed = prompts_to_settle(levels)
    if needed is not None:
        record.known("motion.prompts_to_settle", needed, places=ends, samples=len(levels.prompts))


def _record_course(evidence: Evidence, series: MotionSeries, ends: Sequence[Place], record: Recorder) -> None:
    from diagnose.motion.power import ENOUGH, power_of  # noqa: PLC0415 - numpy, and few runs have previews

    course = evidence.motion_course
    if course is None:
        return
    levels, count = course.levels, len(course.levels.prompts)
    share, smallest = power_of(course)
    note = f"limit {course.limit:.1f} standard errors; scatter of a preview {math.sqrt(course.noise.own):.2f} (log)"
    record.known("motion.power", math.floor(TEN * share), places=ends, samples=count, note=note)
    if smallest is not None:
        record.known("motion.smallest_fall", smallest, places=ends, samples=count)
    settled = share >= ENOUGH
    change = course.fall or course.rise
    if change is not None or settled:
        record.known("motion.degraded", course.fall is not None, places=ends, samples=count)
        record.known("motion.consistent", change is None, places=ends, samples=count)
        record.known("motion.inconclusive", value=False, places=ends)
        step = places_of(series, [course.best])
        record.known("motion.best_step", course.best, places=step, samples=count)
        others = [step for step in course.equals if step != course.best]
        if others:
            record.known("motion.best_equals", _listed(others), places=places_of(series, others), samples=count)
    else:
        _record_unclear(levels, ends, record)
    if change is None:
        return
    sides = list(places_of(series, (change.last_before, change.turned)))
    what = "fall" if course.fall is not None else "rise"
    record.known("motion.turned_at", change.turned, places=sides, samples=count, note=f"the {what} begins there")
    record.known("motion.way", "at once" if change.sudden else "step by step", places=sides, samples=count)
    band = f"{change.low:.2f} to {change.high:.2f}"
    for name, value in (("change", change.ratio), ("change_low", change.low), ("change_high", change.high)):
        record.known(f"motion.{name}", value, places=sides, samples=count, note=f"band {band}")
    coarse = _coarse(series, change.first, change.turned)
    if coarse is not None:
        record.known("motion.coarse_change", coarse, places=sides, samples=count)


def _coarse(series: MotionSeries, first: int, turned: int) -> float | None:
    """Return the coarse movement after a turn as a multiple of that before; None where no prompt has both."""
    logs = []
    for each in series.prompts:
        before = _mean_coarse(each, first, turned)
        after = _mean_coarse(each, turned, None)
        if before is not None and after is not None:
            logs.append(after - before)
    return math.exp(fmean(logs)) if logs else None


def _mean_coarse(series: PromptSeries, first: int, end: int | None) -> float | None:
    logs = []
    for point in series.points:
        motion = point.motion
        inside = point.step >= first and (end is None or point.step < end)
        if inside and isinstance(motion, ClipMotion) and motion.amount and motion.coarse_share:
            logs.append(math.log(motion.amount * motion.coarse_share))
    return fmean(logs) if logs else None


def _listed(steps: Sequence[int]) -> str:
    """Name some steps; of many next to each other the first and the last."""
    if len(steps) > 4:  # noqa: PLR2004 - as many as one reads
        return f"{len(steps)} others from step {steps[0]} to {steps[-1]}"
    *first, last = [f"step {steps[0]}", *map(str, steps[1:])]
    return f"{', '.join(first)} and {last}" if first else last
