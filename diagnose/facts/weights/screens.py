"""What rules a saved checkpoint out before the others are compared: broken, empty, after NaN, too late."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from diagnose.core.model import Place
from diagnose.facts.log.nan import FEWEST
from diagnose.facts.log.series import Series
from diagnose.facts.weights.criterion import Criterion
from diagnose.facts.weights.pairs import Pair

KEPT = 0.8
"""Share of a rate that a resume leaves where it keeps it: a move of a step or two takes far less than a fifth."""


def finite(pairs: Sequence[Pair]) -> Criterion:
    """Speak against checkpoints with NaN."""
    broken = {pair.step for pair in pairs if any(measured.non_finite for measured in pair.experts.values())}
    because = f"{len(broken)} with NaN or infinite weights" if broken else "all numbers are finite"
    return Criterion("finite weights", frozenset(broken), because, judged=bool(broken), prefers=False, useless=True)


def learned(pairs: Sequence[Pair], least: float) -> Criterion:
    """Speak against checkpoints of which no expert has an update worth the name: less than `least` of a full one."""
    shares = {pair.step: [measured.learned_share for measured in pair.experts.values()] for pair in pairs}
    empty = {step for step, own in shares.items() if all(share is not None and share < least for share in own)}
    some = f"{len(empty)} of {len(shares)} saves have learned nothing yet"
    because = (
        ("no save has learned anything" if len(empty) == len(shares) else some) if empty else "all learned something"
    )
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
    for row in reversed(series.rows):
        lost = row.step in series.nan_steps
        excess += 1 if lost else -1
        if lost and excess > most:
            most, since = excess, row.step
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
    columns: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in series.rows:
        for name, rate in (*row.rates.items(), ("", row.lr_shared)):
            if rate:
                columns[name].append((row.step, rate))
    return tuple(columns.values())


def _lost_rates(series: Series, resumed: int) -> bool:
    """Return whether a rate fell from the row before a resume to the row after it."""
    for column in _rates(series):
        before = [value for step, value in column if step < resumed]
        after = next((value for step, value in column if step > resumed), None)
        if before and after is not None and after < KEPT * before[-1]:
            return True
    return False
