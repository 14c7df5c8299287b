"""The motion in the previews beside that of the model without the LoRA and of the training clips; who moves in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diagnose.facts.evidence import Evidence
from diagnose.facts.motion.changes import places_of
from diagnose.facts.recorder import Recorder
from diagnose.motion.beside import Ratio, beside_baseline, beside_clips
from diagnose.motion.levels import FEWEST_PROMPTS, Levels
from diagnose.motion.measured import ClipMotion
from diagnose.motion.series import MotionSeries

SLOWER, FASTER = 0.8, 1.25
"""A quarter more or less is a difference that an eye sees beside another clip; measuring errs by less than a tenth."""
CAMERA = 0.8
"""Part of the speed from which the camera explains a clip: a pan reads .93, a zoom .83, a walk before it far less."""
MOST = 0.75
"""Of the previews: so many of one kind are the kind of the run."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `motion.added`, `motion.beside_clips`, `motion.weak_from_start`, `motion.speed_differs`, ..."""
    series, levels = evidence.motion, evidence.motion_levels
    if series is None or levels is None or record.truth("motion.comparable") is not True:
        return
    fall = evidence.motion_course.fall if evidence.motion_course is not None else None
    steps = [step for step in levels.steps if fall is None or step < fall.turned]
    added, beside = beside_baseline(series, levels, steps), beside_clips(series, levels, steps)
    for name, ratio in (("added", added), ("beside_clips", beside)):
        _record_ratio(name, ratio, series, (0, *steps) if name == "added" else steps, record)
    if len(levels.prompts) >= FEWEST_PROMPTS:
        _record_verdicts(added, beside, series, steps, record)
        _record_camera(series, levels, steps, record)


def _record_ratio(name: str, ratio: Ratio | None, series: MotionSeries, steps: Sequence[int], record: Recorder) -> None:
    if ratio is None:
        return
    places, note = list(places_of(series, (steps[0], steps[-1]))), f"99 % band {ratio.low:.2f} to {ratio.high:.2f}"
    ends = (("", ratio.middle), ("_low", ratio.low), ("_high", ratio.high))
    for end, value in ends:
        record.known(f"motion.{name}{end}", value, places=places, samples=ratio.pairs, note=note)


def _record_verdicts(
    added: Ratio | None, beside: Ratio | None, series: MotionSeries, steps: Sequence[int], record: Recorder
) -> None:
    """Record whether the motion was weak from the first save on, and whether it is faster or slower than the clips.

    A LoRA that is slower than the clips, and surely livelier than the model without it, has learned to move: then the
    speed differs. One that is no livelier is weak. So is one that moves less than the model without it.
    """
    slower, faster = _certain(beside, SLOWER, above=False), _certain(beside, FASTER, above=True)
    livelier, tamer = _certain(added, 1.0, above=True), _certain(added, SLOWER, above=False)
    known = [each for each in (added, beside) if each is not None]
    if not known:
        return
    places, samples = list(places_of(series, (steps[0], steps[-1]))), min(each.pairs for each in known)
    weak = None
    if tamer or (slower and not livelier):
        weak = True
    elif (added is None or tamer is False) and (slower is False or livelier):
        weak = False
    if weak is not None:
        record.known("motion.weak_from_start", weak, places=places, samples=samples)
    if beside is None:
        return
    differs = None
    if faster or (slower and livelier):
        differs = True
    elif (faster is False and slower is False) or weak:
        differs = False
    if differs is not None:
        record.known("motion.speed_differs", differs, places=places, samples=samples)


def _certain(ratio: Ratio | None, limit: float, *, above: bool) -> bool | None:
    """Return whether a whole band is on one side of a limit: False on the other side, None where it is on both."""
    if ratio is None or ratio.low <= limit <= ratio.high:
        return None
    return (ratio.low > limit) is above


def _record_camera(series: MotionSeries, levels: Levels, steps: Sequence[int], record: Recorder) -> None:
    """Record whether only the camera moves, in the previews and not in the clips."""
    chosen = set(steps)
    shown = [point.motion for each in series.prompts if each.prompt in levels.prompts for point in each.points
             if point.step in chosen]  # fmt: skip
    alone = _camera_alone(shown)
    if alone is None:
        return
    taught = _camera_alone(series.clips)
    places = list(places_of(series, (steps[0], steps[-1])))
    note = "the training clips show the camera move alone too" if alone and taught else ""
    record.known("motion.camera_only", alone and not taught, places=places, samples=len(shown), note=note)


def _camera_alone(motions: Iterable[object]) -> bool | None:
    """Return whether in most clips that move only the camera does; None where none moves."""
    moving = [each for each in motions if isinstance(each, ClipMotion) and not each.still and each.amount is not None]
    kinds = [
        each.camera_share > CAMERA and not each.object_moves
        for each in moving
        if each.camera_share is not None and each.object_moves is not None
    ]
    return sum(kinds) >= MOST * len(kinds) if kinds else None
