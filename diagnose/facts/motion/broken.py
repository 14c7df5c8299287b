"""Whether the pictures of the previews broke in the course of the run: what could be followed became noise."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from diagnose.facts.evidence import Evidence
from diagnose.facts.motion.changes import places_of
from diagnose.facts.recorder import Recorder
from diagnose.motion.measured import TRUST_GOOD, TRUST_LEAST, ClipMotion
from diagnose.motion.series import MotionSeries

SIDE = 2
"""Steps on either side: one bad round of previews is no course."""
FEWEST_PROMPTS = 2


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `motion.broke`, `motion.broke_at` and the trust on either side."""
    series = evidence.motion
    if series is None or len(series.prompts) < FEWEST_PROMPTS:
        return
    trusts = _trusts(series)
    if len(trusts) < 2 * SIDE:
        return
    steps = list(trusts)
    lost = len(steps)
    while lost and trusts[steps[lost - 1]] < TRUST_LEAST:
        lost -= 1
    if lost == len(steps):
        last = list(places_of(series, steps[-1:]))
        record.known("motion.broke", value=False, places=last, samples=len(series.prompts))
    elif lost >= SIDE and len(steps) - lost >= SIDE and all(trusts[step] >= TRUST_GOOD for step in steps[:lost]):
        sides = list(places_of(series, (steps[lost - 1], steps[lost])))
        record.known("motion.broke", value=True, places=sides, samples=len(series.prompts))
        record.known("motion.broke_at", steps[lost], places=sides)
        for name, side in (("before", steps[:lost]), ("after", steps[lost:])):
            middle = median(trusts[step] for step in side)
            record.known(f"motion.trust_{name}", middle, places=sides, samples=len(side))


def _trusts(series: MotionSeries) -> dict[int, float]:
    """Return the trust at each step, the median over the prompts; a still preview has nothing to follow."""
    found: dict[int, list[float]] = defaultdict(list)
    for each in series.prompts:
        for point in each.every_point:
            if isinstance(point.motion, ClipMotion) and not point.motion.still:
                found[point.step].append(point.motion.trust)
    return {step: median(own) for step, own in sorted(found.items())}
