"""What each kind of evidence says about the saved checkpoints, one by one. How they add up is said in `keep`."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from diagnose.facts.log.series import Series
from diagnose.facts.weights.strength import SAME_RATIO, Pair, one_per_step
from diagnose.facts.weights.trajectory import Measure, Trajectory, equals
from diagnose.model import Expert, Intent, Place

LOSS_ROWS = 100
"""Batches of one expert before a save whose mean loss stands for it."""
CHANCE = 0.05
"""That any two of the means seem to differ and do not: shared out over all pairs (Bonferroni), as the lowest of many
noisy means is low by chance."""
KEPT = 0.8
"""Share of a rate that a resume leaves where it keeps it: a move of a step or two takes far less than a fifth."""
TWO = 2
NOT_REACHED = "the document's measures do not reach this network"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What one kind of evidence says: which steps it speaks against, and why.

    `judged` is whether it could tell anything; `decides` whether it may leave steps out; `prefers` whether what it
    leaves are the better ones, and not just the whole ones.
    """

    name: str
    disfavours: frozenset[int]
    because: str
    judged: bool = True
    decides: bool = True
    prefers: bool = True


def sound(pairs: Sequence[Pair]) -> Criterion:
    """Speak against checkpoints with NaN, or without an expert that others have."""
    trained = {expert for pair in pairs for expert in pair.experts}
    broken = {pair.step for pair in pairs if any(measured.non_finite for measured in pair.experts.values())}
    half = {pair.step for pair in pairs if pair.experts.keys() != trained}
    parts = [f"{len(broken)} with NaN or infinite weights"] if broken else []
    parts += [f"{len(half)} without one of the experts"] if half else []
    because = "; ".join(parts) or "all numbers are finite, no expert is missing"
    return Criterion("whole files", frozenset(broken | half), because, judged=bool(parts), prefers=False)


def resumes(
    steps: Sequence[int], places: Sequence[Place] | None, series: Series | None, every: float | None
) -> Criterion:
    """Speak against the first save after each resume that lost the learning rates, as the log shows.

    Args:
        steps: the saves.
        places: where the run was resumed; None where that is unknown.
        series: the log, None where there is none.
        every: steps from one save to the next; a save that comes later than that had time to recover.
    """
    name = "distance from a resume"
    if places is None:
        return Criterion(name, frozenset(), "whether the run was resumed is unknown", judged=False)
    resumed = [place.step for place in places if place.step is not None]
    if not resumed:
        return Criterion(name, frozenset(), "no save follows a resume", judged=False)
    if series is None or not any(_rates(series)):
        because = "the log has no learning rates that show whether a resume lost them"
        return Criterion(name, frozenset(), because, judged=False)
    ordered, reach = sorted(steps), math.inf if every is None else every
    lost = [step for step in resumed if _lost_rates(series, step)]
    ahead = [(step, bisect_left(ordered, step + 1)) for step in lost]
    first = frozenset(ordered[i] for step, i in ahead if i < len(ordered) and ordered[i] - step <= reach)
    if not first:
        because = "no save follows closely on a resume that lost the rates" if lost else "no resume lost the rates"
        return Criterion(name, first, because, judged=False)
    named = ", ".join(map(str, sorted(first)))
    because = f"the rates had fallen back at the resume just before it ({named})"
    return Criterion(name, first, because, prefers=False)


def _rates(series: Series) -> tuple[list[tuple[int, float]], ...]:
    """Return the steps and rates of each column of the log that has any."""
    names = ("lr_high", "lr_low", "lr_shared")
    return tuple([(row.step, value) for row in series.rows if (value := getattr(row, name))] for name in names)


def _lost_rates(series: Series, resumed: int) -> bool:
    """Return whether a rate fell from the row before a resume to the row after it."""
    for column in _rates(series):
        before = [value for step, value in column if step < resumed]
        after = next((value for step, value in column if step > resumed), None)
        if before and after is not None and after < KEPT * before[-1]:
            return True
    return False


def weight_ratio(
    pairs: Sequence[Pair], trajectory: Trajectory | None, intent: Intent | None, *, comparable: bool
) -> Iterator[Criterion]:
    """Speak for the largest ratio in a motion run and against what comes after the low-noise expert took off.

    For a character or a style the document wants the opposite, and a low-noise expert that grows is no fault.
    """
    names = ("growth", "weight ratio")
    both = one_per_step(pairs)
    reason = None
    if len(both) < TWO:
        reason = "fewer than two checkpoints have both experts"
    elif intent is None:
        reason = "what it should be depends on the intent, which is unknown"
    elif not comparable:
        reason = NOT_REACHED
    if reason is not None:
        yield from (Criterion(name, frozenset(), reason, judged=False) for name in names)
        return
    if intent is Intent.MOTION:
        yield _growth(both, trajectory)
    ratios = [pair.ratio or 0.0 for pair in both]
    wanted, word = (ratios, "largest") if intent is Intent.MOTION else ([-ratio for ratio in ratios], "smallest")
    first, last = equals(wanted, wanted.index(max(wanted)), SAME_RATIO)
    outside = frozenset(pair.step for pair in (*both[:first], *both[last + 1 :]))
    best = ratios[wanted.index(max(wanted))]
    because = f"high/low is {word} there, {best:.2f}, within {SAME_RATIO} or twice the scatter"
    yield Criterion("weight ratio", outside, because)


def _growth(both: Sequence[Pair], trajectory: Trajectory | None) -> Criterion:
    courses = trajectory.courses if trajectory is not None else ()
    course = next((each for each in courses if each.measure is Measure.MAGNITUDE), None)
    if trajectory is None or course is None:
        return Criterion("growth", frozenset(), "too few checkpoints for a trend", judged=False)
    if course.turn is not None:
        late = frozenset(pair.step for pair in both if pair.step > course.turn.latest)
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
    return Criterion(name, worse, f"mean of {LOSS_ROWS} batches {lowest:.4f} at its lowest, elsewhere certainly higher")


def strength(pairs: Sequence[Pair], *, comparable: bool) -> Criterion:
    """Show where the high-noise weights are largest; it decides nothing."""
    known = [(magnitude, pair.step) for pair in pairs if (magnitude := pair.magnitude(Expert.HIGH)) is not None]
    if len(known) < TWO or not comparable:
        because = "unknown" if comparable else NOT_REACHED
        return Criterion("strength", frozenset(), because, judged=False, decides=False)
    peak, top = max(known)
    because = f"the high-noise weights are largest there, {peak:.6f}, which says nothing of quality"
    return Criterion("strength", frozenset(step for _, step in known if step != top), because, decides=False)
