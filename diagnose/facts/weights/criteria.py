"""Which of the saved checkpoints the weights and the losses prefer, one kind of evidence after the other.

What rules a checkpoint out before that is in `screens`; how they add up is said in `keep`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from statistics import NormalDist, fmean, stdev

from diagnose.core.model import Intent
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series
from diagnose.facts.weights.criterion import Criterion
from diagnose.facts.weights.pairs import Pair, past_youth
from diagnose.facts.weights.strength import SAME_RATIO
from diagnose.facts.weights.trajectory import Measure, Trajectory, equals
from diagnose.facts.weights.turns import Turns

LOSS_ROWS = 100
"""Batches of one expert before a save whose mean loss stands for it."""
CHANCE = 0.05
"""That any two of the means seem to differ and do not: shared out over all pairs (Bonferroni), as the lowest of many
noisy means is low by chance."""
TWO = 2
NOT_REACHED = "the document's measures do not reach this network"


def weight_ratio(
    steps: Sequence[int], turns: Turns, trajectory: Trajectory | None, intent: Intent | None, *, comparable: bool
) -> Iterator[Criterion]:
    """Speak for the largest ratio in a motion run and against what comes after the low-noise expert took off.

    For a character or a style the document wants the opposite, and a low-noise expert that grows is no fault. The ratio
    judges saves at one phase of the turns alone, and none from the first third of the run.
    """
    names = ("growth", "weight ratio")
    usable = [pair for pair in turns.compared if pair.step in set(steps)]
    both = [pair for pair in usable if past_youth(pair, usable[-1])]
    reason = None
    if len(both) < TWO:
        reason = "fewer than two checkpoints past the first third of the run compare both experts"
    elif intent is None:
        reason = "what it should be depends on the intent, which is unknown"
    elif not comparable:
        reason = NOT_REACHED
    if reason is not None:
        yield from (Criterion(name, frozenset(), reason, judged=False) for name in names)
        return
    if intent is Intent.MOTION:
        yield _growth(steps, trajectory)
    ratios = [pair.ratio or 0.0 for pair in both]
    wanted, word = (ratios, "largest") if intent is Intent.MOTION else ([-ratio for ratio in ratios], "smallest")
    first, last = equals(wanted, wanted.index(max(wanted)), SAME_RATIO)
    outside = frozenset(pair.step for pair in (*both[:first], *both[last + 1 :]))
    best = ratios[wanted.index(max(wanted))]
    because = f"high/low is {word} there, {best:.2f}, within {SAME_RATIO} or twice the scatter"
    yield Criterion("weight ratio", outside, because, unjudged=frozenset(steps) - {pair.step for pair in both})


def _growth(steps: Sequence[int], trajectory: Trajectory | None) -> Criterion:
    courses = trajectory.courses if trajectory is not None else ()
    course = next((each for each in courses if each.measure is Measure.MAGNITUDE), None)
    if trajectory is None or course is None:
        return Criterion("growth", frozenset(), "too few checkpoints for a trend", judged=False)
    if course.turn is not None:
        late = frozenset(step for step in steps if step > course.turn.latest)
        return Criterion("growth", late, f"the low-noise weights gain from step {course.turn.step} on")
    if course.gap.certain:
        return Criterion("growth", frozenset(), "the high-noise weights gain to the end", judged=False)
    because = f"undecided; at least {trajectory.to_settle} more checkpoints would tell"
    return Criterion("growth", frozenset(), because, judged=False)


def losses(steps: Sequence[int], series: Series | None, expert: Expert) -> Criterion:
    """Speak against the saves before which the expert's own mean loss is certainly above its lowest."""
    name = f"loss, {expert.value}-noise expert"
    rows = series.finite(series.own(expert)) if series is not None else ()
    known: dict[int, tuple[float, float]] = {}
    at = [row.step for row in rows]
    for step in sorted(steps):
        window = [row.loss for row in rows[: bisect_left(at, step)][-LOSS_ROWS:] if row.loss is not None]
        if len(window) == LOSS_ROWS:
            known[step] = fmean(window), stdev(window) / math.sqrt(LOSS_ROWS)
    if len(known) < TWO:
        why = f"fewer than two saves have {LOSS_ROWS} of its batches before them in the log"
        return Criterion(name, frozenset(), why, judged=False)
    lowest, error = min(known.values())
    limit = NormalDist().inv_cdf(1 - CHANCE / math.comb(len(known), 2))
    worse = frozenset(step for step, (mean, own) in known.items() if mean - lowest > limit * math.hypot(own, error))
    if not worse:
        why = f"means of {LOSS_ROWS} batches differ by no more than their scatter"
        return Criterion(name, worse, why, judged=False)
    because = f"mean of {LOSS_ROWS} batches {lowest:.4f} at its lowest, elsewhere certainly higher"
    return Criterion(name, worse, because, unjudged=frozenset(steps) - known.keys())


def strength(pairs: Sequence[Pair], *, comparable: bool) -> Criterion:
    """Show where the high-noise weights are largest; it decides nothing."""
    known = [(magnitude, pair.step) for pair in pairs if (magnitude := pair.magnitude(Expert.HIGH)) is not None]
    if len(known) < TWO or not comparable:
        because = "unknown" if comparable else NOT_REACHED
        return Criterion("strength", frozenset(), because, judged=False, decides=False)
    peak, top = max(known)
    because = f"the high-noise weights are largest there, {peak:.6f}, which says nothing of quality"
    return Criterion("strength", frozenset(step for _, step in known if step != top), because, decides=False)
