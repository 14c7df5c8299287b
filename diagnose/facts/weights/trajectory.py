"""How the two experts' weights moved over the run: growth, which of them gains, since when, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.trend import MIN_POINTS, drift, points_to_settle, scatter, student
from diagnose.facts.weights.courses import READ, Course, Measure, course_of
from diagnose.facts.weights.pairs import Pair
from diagnose.facts.weights.turns import Turns
from diagnose.weights.measurement import SPANS, evenly
from diagnose.weights.modules import known

LATE_SHARE = 0.2
"""The late window is the last fifth of the run: the reference run's write-up compared steps 2400 and 3000 of 3000."""
LATE_POINTS = 5
MOST_AHEAD = 5.0
"""Natural logarithm of the most that a ratio is taken to grow by."""


class Span(Struct, frozen=True):
    """Growth of the weight magnitude from one saved step to a later one, as a fraction of what it was.

    (high, low), None for an expert that was not saved. `errors` are half 90 % bands; None with too few checkpoints
    to see their scatter. `ratios` are high over low at the end, by Measure; None where low has none.
    """

    first: int
    last: int
    growth: tuple[float | None, ...]
    errors: tuple[float | None, ...]
    ratios: tuple[float | None, ...]


class Trajectory(Struct, frozen=True):
    """The course as the checkpoints show it; without `courses` where those with both experts are too few for a trend.

    `alone` is the expert that was the only one saved.
    """

    alone: Expert | None
    compared: str
    """Which saves were compared, and why those; "" where all of them were."""
    late_from: int
    late_to: int
    growth: Mapping[str, float]
    """Growth of each expert's magnitude over the late window, as a fraction of what it was."""
    growth_ratio: float | None
    """Growth of the low-noise magnitude over that of the high-noise one, which must have grown."""
    to_settle: int | None
    """Least number of further checkpoints that would tell which expert gains; 0 where that is certain."""
    courses: tuple[Course, ...]
    spans: tuple[Span, ...]
    left_out: tuple[int, ...] = ()
    """The saved steps that were not compared, as one expert was ahead by its turn."""

    @property
    def magnitude(self) -> Course | None:
        """The course of the weight magnitude."""
        return next((each for each in self.courses if each.measure is Measure.MAGNITUDE), None)


def late_window(pairs: Sequence[Pair], least: int = LATE_POINTS) -> tuple[Pair, ...]:
    """Return the pairs of the last fifth of the run, at least so many of them where there are that many."""
    if not pairs:
        return ()
    start = pairs[-1].step * (1 - LATE_SHARE)
    late = [pair for pair in pairs if pair.step >= start]
    return tuple(pairs[-max(len(late), least) :])


def record_trajectory(pairs: Sequence[Pair], turns: Turns, record: Recorder) -> Trajectory | None:
    """Record how weights and ratio moved; return the courses and spans, None where fewer than two steps tell.

    Only saves at one phase of the experts' turns are compared. The growth is that of the last fifth of the run, where
    as many saves lie in it as a trend needs; the trend may go further back.
    """
    both = turns.compared
    trained = {expert for pair in pairs for expert in pair.experts}
    alone = next(iter(trained)) if len(trained) == 1 else None
    saved = both if alone is None else tuple({p.step: p for p in pairs if p.magnitude(alone)}.values())
    late, grown = late_window(saved), late_window(saved, MIN_POINTS)
    if len(late) < 2:  # noqa: PLR2004 - two points make an interval
        _record_ahead(both, 0, record)
        return None
    growth = _record_growth(grown, record)
    courses: tuple[Course, ...] = ()
    if alone is None:
        courses = tuple(course for measure in Measure if (course := course_of(measure, both, len(late))) is not None)
    if courses and courses[0].measure is Measure.MAGNITUDE:
        _record_course(courses[0], late, record)
    _record_ahead(both, len(late) if courses and courses[0].measure is Measure.MAGNITUDE else 0, record)
    settle = record.number("weights.checkpoints_to_settle")
    return Trajectory(
        alone=alone,
        compared=turns.why if alone is None else "",
        late_from=late[0].step,
        late_to=late[-1].step,
        growth=growth,
        growth_ratio=record.number("weights.growth_ratio"),
        to_settle=None if settle is None else int(settle),
        courses=courses,
        spans=_spans(saved),
        left_out=turns.left_out if alone is None else (),
    )


def _record_growth(late: Sequence[Pair], record: Recorder) -> dict[str, float]:
    first, last = late[0], late[-1]
    record.known("weights.late_from", first.step, places=[first.place()])
    record.known("weights.late_to", last.step, places=[last.place()])
    growth: dict[str, float] = {}
    for expert in Expert:
        before, after = first.magnitude(expert), last.magnitude(expert)
        if before and after is not None:
            growth[expert.value] = after / before - 1
            places = [first.place(expert), last.place(expert)]
            note = f"step {first.step} to {last.step}"
            record.known("weights.growth", 100 * growth[expert.value], subject=expert.value, places=places, note=note)
    high, low = (growth.get(expert.value) for expert in Expert)
    if high is not None and low is not None and high > 0:
        record.known("weights.growth_ratio", low / high, places=[last.place()])
    return growth


def _record_course(course: Course, late: Sequence[Pair], record: Recorder) -> None:
    """Record the magnitude's course; inside its noise, who gains is unknown, not false."""
    places, gap = [late[0].place(), late[-1].place()], course.gap
    for name, value in (("", gap.slope), ("_low", gap.low), ("_high", gap.high)):
        record.known(f"weights.ratio_slope{name}", value, places=places, samples=gap.points)
    band = f"90 % band {gap.low:+.2f} to {gap.high:+.2f} % per 100 steps, from {gap.points} checkpoints"
    if gap.certain:
        record.known("weights.low_gains", gap.high < 0, places=places, samples=gap.points, note=band)
    else:
        record.unknown("weights.low_gains", f"the trend of the weight ratio is inside its noise, {band}", places=places)
    record.known("weights.checkpoints_to_settle", points_to_settle(gap), places=places, samples=gap.points)
    if course.turn is not None:
        turn = course.turn
        for name, step in (("", turn.step), ("_earliest", turn.earliest), ("_latest", turn.latest)):
            record.known(f"weights.outgrown_from{name}", step, places=places, samples=gap.points)


def _record_ahead(both: Sequence[Pair], late: int, record: Recorder) -> None:
    """Record what the ratio would come to if it went on rising at its late pace for as long again as the run took.

    Where it does not rise for certain over the `late` last saves, that is the ratio as it is; with too few saves for a
    trend, `late` 0, the last rise is taken as it is.
    """
    if not both:
        return
    before, last = both[-2:] if len(both) > 1 else (both[0], both[0])
    ratio, earlier = last.ratio or 0.0, before.ratio or 0.0
    logs = [math.log(pair.ratio) for pair in both if pair.ratio]
    gap = drift([pair.step for pair in both], logs, late)
    if gap is not None:
        pace = gap.slope if gap.low > 0 else 0.0
    else:
        pace = max(0.0, math.log(ratio / earlier)) / max(1, last.step - before.step)
    ahead = ratio * math.exp(min(pace * last.step, MOST_AHEAD))
    record.known("weights.ratio_ahead", ahead, places=[before.place(), last.place()])


def _spans(saved: Sequence[Pair]) -> tuple[Span, ...]:
    """Cut the run at evenly spread saved steps.

    The error is what the scatter of single steps leaves after so many of them: sqrt(3 * saves) times `scatter`,
    whose own picture, values around a smooth course, would give less.
    """
    columns = [known(pair.magnitude(expert) for pair in saved) for expert in Expert]
    spans = []
    for first, last in pairwise(evenly(len(saved), SPANS + 1)):
        grown = [None if column is None else column[last] / column[first] - 1 for column in columns]
        errors = [None if column is None else _error(column, first, last) for column in columns]
        ratios = tuple(_ratio(measure, saved[last]) for measure in Measure)
        spans.append(Span(saved[first].step, saved[last].step, tuple(grown), tuple(errors), ratios))
    return tuple(spans)


def _ratio(measure: Measure, pair: Pair) -> float | None:
    if pair.experts.keys() != set(Expert):
        return None
    high, low = (READ[measure](pair.experts[expert]) for expert in Expert)
    return high / low if high is not None and low is not None and low > 0 else None


def _error(values: Sequence[float], first: int, last: int) -> float | None:
    noise = scatter(values)
    if noise is None:
        return None
    return student(len(values) - 2) * noise * math.sqrt(3 * (last - first)) / values[first]
