"""What one kind of evidence after the other says about the saved checkpoints.

Screens rule a checkpoint out: broken, empty, after NaN, too late. The others prefer some to others. How they add up is
said in `keep`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import compress
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING

from msgspec import Struct

from diagnose.core.values import Intent, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.nan import FEWEST
from diagnose.facts.log.series import Series
from diagnose.facts.weights.courses import equals
from diagnose.facts.weights.pairs import Pair, past_youth
from diagnose.facts.weights.strength import SAME_RATIO
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.facts.weights.turns import Turns
from diagnose.sources.log_rows import NO_ROWS

if TYPE_CHECKING:
    from diagnose.motion.change import Course

LOSS_ROWS = 100
"""Batches of one expert before a save whose mean loss stands for it."""
CHANCE = 0.05
"""That any two of the means seem to differ and do not: shared out over all pairs (Bonferroni), as the lowest of many
noisy means is low by chance."""
NOT_REACHED = "the reference numbers do not apply to this network"
KEPT = 0.8
"""Share of a rate that a resume leaves where it keeps it: a move of a step or two takes far less than a fifth."""


class Criterion(Struct, frozen=True):
    """What one kind of evidence says: which steps it speaks against, and why.

    `unjudged` are the steps of which it can tell nothing; `judged` is whether it could tell anything at all. `decides`
    is whether it may leave steps out, `prefers` whether what it leaves are the better ones, not just whole. `useless`
    is whether what it speaks against is of no use, even where nothing else is left.
    """

    name: str
    disfavours: frozenset[int]
    because: str
    judged: bool = True
    decides: bool = True
    prefers: bool = True
    unjudged: frozenset[int] = frozenset()
    useless: bool = False


def finite(pairs: Sequence[Pair]) -> Criterion:
    """Speak against checkpoints with NaN."""
    broken = {pair.step for pair in pairs if any(measured.entries.non_finite for measured in pair.experts.values())}
    because = f"{len(broken)} with NaN or infinite weights" if broken else "all numbers are finite"
    return Criterion("finite weights", frozenset(broken), because, judged=bool(broken), prefers=False, useless=True)


def learned(pairs: Sequence[Pair], least: float) -> Criterion:
    """Speak against checkpoints of which no expert has an update worth the name: less than `least` of a full one."""
    shares = {pair.step: [measured.learned_share for measured in pair.experts.values()] for pair in pairs}
    empty = {step for step, own in shares.items() if all(share is not None and share < least for share in own)}
    because = f"{len(empty)} of {len(shares)} saves have learned nothing yet" if empty else "all learned something"
    if len(empty) == len(shares):
        because = "no save has learned anything"
    return Criterion("learning", frozenset(empty), because, judged=bool(empty), prefers=False, useless=True)


def before_nan(steps: Sequence[int], series: Series | None) -> Criterion:
    """Speak against checkpoints from after the losses turned into NaN for the rest of the run."""
    since = _lost_from(series) if series is not None else None
    late = frozenset(step for step in steps if since is not None and step > since)
    because = f"from step {since} on most losses are NaN" if late else "no save follows on losses that stay NaN"
    return Criterion("losses that are numbers", late, because, judged=bool(late), prefers=False, useless=True)


def _lost_from(series: Series) -> int | None:
    """Return the step from which on NaN losses outnumber the others by most, None where they never do by FEWEST."""
    most, since, excess = FEWEST - 1, None, 0
    for step in reversed(series.rows.steps if series.nan_steps else ()):
        lost = step in series.nan_steps
        excess += 1 if lost else -1
        if lost and excess > most:
            most, since = excess, step
    return since


def whole(pairs: Sequence[Pair]) -> Criterion:
    """Speak against checkpoints without an expert that others have."""
    trained = {expert for pair in pairs for expert in pair.experts}
    half = {pair.step for pair in pairs if pair.experts.keys() != trained}
    because = f"{len(half)} without one of the experts" if half else "no expert is missing"
    return Criterion("whole files", frozenset(half), because, judged=bool(half), prefers=False)


def in_time(steps: Sequence[int], longest: float | None) -> Criterion:
    """Speak against checkpoints past the last step at which a good one was ever seen; None: there is no such step."""
    late = frozenset(step for step in steps if longest is not None and step > longest)
    because = f"past step {longest:.0f} no good checkpoint was seen" if late else "none was saved too late to be good"
    return Criterion("length", late, because, judged=bool(late), prefers=False)


def resumes(
    steps: Sequence[int], places: Sequence[Place] | None, series: Series | None, every: float | None
) -> Criterion:
    """Speak against the first save after each resume that lost the learning rates, as the log shows.

    `places` are where the run was resumed, None where that is unknown. `every` is the steps from one save to the next:
    a save that comes later than that had time to recover.
    """
    name = "distance from a resume"
    if places is None:
        return Criterion(name, frozenset(), "whether the run was resumed is unknown", judged=False)
    resumed = [place.step for place in places if place.step is not None]
    if not resumed:
        return Criterion(name, frozenset(), "no save follows a resume", judged=False)
    columns = _rates(series) if series is not None else []
    if not columns:
        because = "the log has no learning rates that show whether a resume lost them"
        return Criterion(name, frozenset(), because, judged=False)
    ordered, reach = sorted(steps), math.inf if every is None else every
    lost = [step for step in resumed if any(_fell(*column, step) for column in columns)]
    ahead = [(step, bisect_left(ordered, step + 1)) for step in lost]
    first = frozenset(ordered[i] for step, i in ahead if i < len(ordered) and ordered[i] - step <= reach)
    if not first:
        because = "no save follows closely on a resume that lost the rates" if lost else "no resume lost the rates"
        return Criterion(name, first, because, judged=False)
    named = ", ".join(map(str, sorted(first)))
    because = f"the rates had fallen back at the resume just before it ({named})"
    return Criterion(name, first, because, prefers=False)


def _rates(series: Series) -> list[tuple[Sequence[int], Sequence[float]]]:
    """Return the steps and rates of each column of the log that has any."""
    rows = series.rows
    found: list[tuple[Sequence[int], Sequence[float]]] = []
    for rates in (*map(rows.rate, rows.rated), rows.numbers("lr_shared")):
        told = [abs(rate) > 0 for rate in rates]
        if any(told):
            found.append((rows.where(told).steps, list(compress(rates, told))))
    return found


def _fell(steps: Sequence[int], rates: Sequence[float], resumed: int) -> bool:
    """Return whether a rate fell from the row before a resume to the row after it."""
    before, after = bisect_left(steps, resumed), bisect_right(steps, resumed)
    return before > 0 and after < len(rates) and rates[after] < KEPT * rates[before - 1]


def motion(steps: Sequence[int], course: Course | None, intent: Intent | None) -> Iterator[Criterion]:
    """Speak against the saves whose previews certainly move less than the best: after a fall, or before a rise.

    Nothing is said where nobody measured the previews.
    """
    if course is None or intent is not Intent.MOTION:
        return
    measured = frozenset(course.levels.steps)
    late = [step for step in steps if course.fall is not None and step >= course.fall.turned]
    early = [step for step in steps if course.rise is not None and step < course.rise.turned]
    weaker = frozenset([*late, *early, *(measured.intersection(steps) - set(course.equals))])
    if not weaker:
        yield Criterion("motion", weaker, "the previews show no difference that is more than chance", judged=False)
        return
    because = f"the previews of step {course.best} move most, those of other steps certainly less"
    yield Criterion("motion", weaker, because, unjudged=frozenset(steps) - measured - weaker)


def weight_ratio(
    steps: Sequence[int], turns: Turns, trajectory: Trajectory | None, intent: Intent | None, *, comparable: bool
) -> Iterator[Criterion]:
    """Speak for the largest ratio in a motion run and against what comes after the low-noise expert took off.

    For a character or a style the write-up asks for the opposite, and a low-noise expert that grows is no fault. The
    ratio judges saves at one phase of the turns alone, and none from the first third of the run.
    """
    names = ("growth", "weight ratio")
    usable = [pair for pair in turns.compared if pair.step in set(steps)]
    both = [pair for pair in usable if past_youth(pair, usable[-1])]
    reason = None
    if len(both) < 2:  # noqa: PLR2004 - one save compares with none
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
    because = f"high/low is {word} there, {best:.2f}, within {SAME_RATIO} or twice the chance variation"
    yield Criterion("weight ratio", outside, because, unjudged=frozenset(steps) - {pair.step for pair in both})


def _growth(steps: Sequence[int], trajectory: Trajectory | None) -> Criterion:
    course = trajectory.magnitude if trajectory is not None else None
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
    rows = series.finite(series.own(expert)) if series is not None else NO_ROWS
    known: dict[int, tuple[float, float]] = {}
    at, every = rows.steps, rows.numbers("loss")
    for step in sorted(steps):
        end = bisect_left(at, step)
        window = every[max(0, end - LOSS_ROWS) : end]
        if len(window) == LOSS_ROWS:
            known[step] = fmean(window), stdev(window) / math.sqrt(LOSS_ROWS)
    if len(known) < 2:  # noqa: PLR2004 - one mean compares with none
        why = f"fewer than two saves have {LOSS_ROWS} of its batches before them in the log"
        return Criterion(name, frozenset(), why, judged=False)
    lowest, error = min(known.values())
    limit = NormalDist().inv_cdf(1 - CHANCE / math.comb(len(known), 2))
    worse = frozenset(step for step, (mean, own) in known.items() if mean - lowest > limit * math.hypot(own, error))
    if not worse:
        why = f"means of {LOSS_ROWS} batches differ by no more than chance"
        return Criterion(name, worse, why, judged=False)
    because = f"mean of {LOSS_ROWS} batches {lowest:.4f} at its lowest, elsewhere certainly higher"
    return Criterion(name, worse, because, unjudged=frozenset(steps) - known.keys())


def strength(pairs: Sequence[Pair], *, comparable: bool) -> Criterion:
    """Show where the high-noise weights are largest; it decides nothing."""
    known = [(magnitude, pair.step) for pair in pairs if (magnitude := pair.magnitude(Expert.HIGH)) is not None]
    if len(known) < 2 or not comparable:  # noqa: PLR2004 - one save compares with none
        because = "unknown" if comparable else NOT_REACHED
        return Criterion("strength", frozenset(), because, judged=False, decides=False)
    peak, top = max(known)
    because = f"the high-noise weights are largest there, {peak:.6f}, which says nothing of quality"
    return Criterion("strength", frozenset(step for _, step in known if step != top), because, decides=False)
