"""How the weights grew: which expert gains, since when, how sure that is, and in which direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.trend import Trend
from diagnose.facts.weights.direction import Direction
from diagnose.facts.weights.trajectory import Course, Measure, Span, Trajectory
from diagnose.report.figures import Kind, figure
from diagnose.report.tables import drop_empty_columns, table
from diagnose.report.wording import EXPERT, sentence
from diagnose.verdict.one_answer import COURSE
from diagnose.verdict.report import Report

_LATE = ("Growth per 100 steps", "High noise", "Low noise", "High against low", "Who gains")
_SPANS = (
    "Steps",
    "High growth",
    "Low growth",
    "Weight ratio after",
    "of learned parts",
    "of update norms",
    "High direction",
    "Low direction",
)
_UNDECIDED = "undecided"
_BANDS = (
    "In brackets and after ± stand 90 % bands from the scatter of the checkpoints. The magnitudes are compared as a "
    "ratio; the learned part (above the untrained reading) and the update norm as the lead of the high-noise expert."
)
_DIRECTIONS = (
    "Direction: the cosine of an expert's change with its change in the row above: 1 is a steady course, 0 wandering, "
    "-0.5 scatter around a point that is no longer left. Averaged (EMA) weights look steadier than they are. Nothing "
    "of this says what is learned."
)


def trajectory(report: Report) -> list[str]:
    """The answer in a line, the late trends, and the run in a few spans; nothing below two saved steps."""
    evolution = report.evolution
    if evolution is None or evolution.trajectory is None:
        return []
    course = evolution.trajectory
    blocks = [
        "## How the weights grew",
        _answer(course, report),
        *([sentence(course.compared)] if course.compared else []),
    ]
    if course.courses:
        blocks.append(table(_LATE, [_late(each) for each in course.courses]))
    cosines = _cosines(evolution.directions)
    header, rows = drop_empty_columns(_SPANS, [_span(each, cosines) for each in course.spans], "")
    notes = " ".join([*([_BANDS] if course.courses else []), *([_DIRECTIONS] if cosines else [])])
    return [*blocks, table(header, rows, numbers_from=1), *([notes] if notes else [])]


def _answer(course: Trajectory, report: Report) -> str:
    if course.alone is not None:
        return f"Only the {EXPERT[course.alone]} was saved."
    late = next((each for each in course.courses if each.measure is Measure.MAGNITUDE), None)
    window = f"between step {course.late_from} and {course.late_to}"
    if late is None:
        return f"There are too few checkpoints {window} for a trend: which expert gains is unknown."
    if late.turn is not None:
        turn = late.turn
        fast = f", lately {figure(course.growth_ratio, Kind.RATIO)} times as fast" if course.growth_ratio else ""
        return (
            f"**The low-noise weights gain on the high-noise ones from about step {turn.step} on**{fast}. "
            f"The turn lies between step {turn.earliest} and {turn.latest}."
        )
    if late.gap.certain and any(each.by == COURSE for each in report.unsaid):
        return f"Lately, {window}, the high-noise weights gain again; that has not made up for it."
    if late.gap.certain:
        return f"**The high-noise weights gain on the low-noise ones** {window}."
    return (
        f"**Inconclusive:** which expert gains {window} cannot be told from the scatter of the checkpoints. "
        f"At least {course.to_settle} more at this spacing would tell."
    )


def _late(course: Course) -> list[str]:
    kind = Kind.PERCENT if course.relative else Kind.CHANGE
    return [course.measure.value, *(_trend(each, kind) for each in (course.high, course.low, course.gap)), _who(course)]


def _trend(trend: Trend, kind: Kind) -> str:
    return f"{figure(trend.slope, kind)} ({figure(trend.low, kind)} to {figure(trend.high, kind)})"


def _who(course: Course) -> str:
    if course.turn is not None:
        return f"low, from step {course.turn.step} ({course.turn.earliest} to {course.turn.latest})"
    return "high" if course.gap.certain else _UNDECIDED


def _cosines(directions: Sequence[Direction]) -> Mapping[tuple[Expert, int, int], float | None]:
    """Return the cosine of each change with the one before it, by expert and the steps it lies between."""
    return {
        (direction.expert, first, last): cosine
        for direction in directions
        for (first, last), cosine in zip(pairwise(direction.steps[1:]), direction.cosines, strict=True)
    }


def _span(span: Span, cosines: Mapping[tuple[Expert, int, int], float | None]) -> list[str]:
    grown = [_growth(*each) for each in zip(span.growth, span.errors, strict=True)]
    ratios = [figure(ratio, Kind.RATIO, "") for ratio in span.ratios]
    along = [figure(cosines.get((expert, span.first, span.last)), Kind.RATIO, "") for expert in Expert]
    return [f"{span.first} to {span.last}", *grown, *ratios, *along]


def _growth(growth: float | None, error: float | None) -> str:
    text = figure(growth, Kind.GROWTH, "")
    return text if error is None else f"{text.removesuffix(' %')} ± {figure(error, Kind.GROWTH).lstrip('+')}"
