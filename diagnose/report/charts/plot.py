"""A plot of curves over training steps, with axes, bands, marks, and the values of each step on hover or tap.

A reader's pointer meets a column per step; the style sheet then shows that column's values above the plot and a line
through its points. No script has a part in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from diagnose.report.charts.svg import SAID, WIDTH, drawing, element, hit, path, piece, text
from diagnose.report.figures import exact

WIDE = 30.0
"""Values that differ by more than this many times are drawn by their logarithm."""
MOST_TICKS = 5
ROOM = 0.06
"""Of an axis, beyond the least and the greatest value."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Axis(Struct, frozen=True):
    """Values from `low` to `high` on the paper from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    by_logarithm: bool = False
    whole: bool = False
    """Whether only whole numbers lie on it."""

    def at(self, value: float) -> float:
        """Return where a value lies; one outside lies at the edge."""
        low, high, own = (self._bent(each) for each in (self.low, self.high, value))
        share = (own - low) / (high - low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def _bent(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.by_logarithm else value

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Round values within the axis, each with how it is written."""
        return [(value, exact(value)) for value in (_decades(self) if self.by_logarithm else _round_values(self))]


def over(values: Iterable[float], start: float, end: float, *, zero: bool = False, wide: bool = False) -> Axis:
    """Return an axis that has room for all values, at least one.

    `zero`: it begins there. `wide`: values that lie far apart are drawn by their logarithm.
    """
    known = list(values)
    low, high = min(known), max(known)
    if wide and low > 0 and high / low > WIDE:
        return Axis(low / 1.2, high * 1.2, start, end, by_logarithm=True)
    room = (high - low) * ROOM or abs(high) * ROOM or 1.0
    bottom = min(low, 0.0) if zero else (low - room if low < 0 or low >= room else 0.0)
    return Axis(bottom, high + room, start, end)


def steps(values: Sequence[int], start: float, end: float) -> Axis:
    """Return an axis of training steps, from the first to the last."""
    first, last = min(values), max(values)
    return Axis(first, last if last > first else first + 1, start, end, whole=True)


def _round_values(axis: Axis) -> list[float]:
    raw = (axis.high - axis.low) / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in _STEPS if each * power >= raw * 0.999)
    step = max(1.0, step) if axis.whole else step
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    found = [float(f"{index * step:.12g}") for index in range(first, last + 1)]
    return [int(each) if each == int(each) and abs(each) < WIDE * 1e6 else each for each in found]


def _decades(axis: Axis) -> list[float]:
    first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
    stride = max(1, math.ceil((last - first + 1) / MOST_TICKS))
    return [float(f"1e{power}") for power in range(first, last + 1, stride)]


HEIGHT = 236.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 10.0, 24.0, 22.0
_DOT, _THIN = 2.6, 3.0
_LINE = 13.0
"""From one line of words to the next."""


class Curve(Struct, frozen=True):
    """One line. `look` is its class in the style sheet; `hollow` are the steps whose dots are empty."""

    name: str
    look: str
    points: tuple[tuple[int, float], ...]
    dots: bool = False
    dashed: bool = False
    hollow: frozenset[int] = frozenset()


class Area(Struct, frozen=True):
    """The paper between two curves: (step, low, high)."""

    look: str
    edges: tuple[tuple[int, float, float], ...]


class Range(Struct, frozen=True):
    """A range of steps, or of values where `upright` is False; one of no width is a line."""

    name: str
    look: str
    low: float
    high: float
    upright: bool = True


class Reading(Struct, frozen=True):
    """What is shown when the pointer is at a step: words with their looks."""

    step: int
    words: tuple[tuple[str, str], ...]


class Plot(Struct, frozen=True):
    """All of one plot; at least one curve has a point. `label` says to a screen reader what it shows."""

    label: str
    curves: tuple[Curve, ...]
    readings: tuple[Reading, ...]
    areas: tuple[Area, ...] = ()
    ranges: tuple[Range, ...] = ()
    wide: bool = False
    """Whether values that lie far apart are drawn by their logarithm."""


def draw(plot: Plot) -> str:
    """Return the plot as SVG."""
    x = steps([step for curve in plot.curves for step, _ in curve.points], LEFT, WIDTH - RIGHT)
    names = sum(bool(each.name) and each.upright for each in plot.ranges)
    y = over(_values(plot), HEIGHT - BOTTOM, TOP + names * _LINE, wide=plot.wide)
    parts = [
        *(_range(each, x, y, row) for row, each in zip(_rows(plot.ranges), plot.ranges, strict=True)),
        element("g", *levels(y), *step_numbers(x, HEIGHT - 6), class_="grid"),
        *(_area(each, x, y) for each in plot.areas),
        *(part for curve in plot.curves for part in _curve(curve, x, y)),
        *_readings(plot, x, y),
    ]
    return drawing(plot.label, HEIGHT, *parts)


def _values(plot: Plot) -> list[float]:
    """Return every value that has to be seen: of curves, areas and ranges of values."""
    of_areas = (value for area in plot.areas for _, low, high in area.edges for value in (low, high))
    of_ranges = (value for each in plot.ranges if not each.upright for value in (each.low, each.high))
    return [*(value for curve in plot.curves for _, value in curve.points), *of_areas, *of_ranges]


def levels(y: Axis, unit: str = "") -> Iterator[str]:
    """Yield a line across the plot for each round value, and the value beside it."""
    for value, words in y.ticks:
        at = y.at(value)
        yield element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at)
        yield text(f"{words}{unit}", LEFT - 6, at + 4, text_anchor="end")


def step_numbers(x: Axis, foot: float) -> list[str]:
    """Return round steps below a drawing."""
    return [text(words, x.at(at), foot, text_anchor="middle" if at < x.high else "end") for at, words in x.ticks]


def _rows(ranges: Sequence[Range]) -> list[int]:
    """Return in which row above the plot the name of each range is written: the names of several do not meet."""
    return [sum(bool(each.name) and each.upright for each in ranges[:index]) for index in range(len(ranges))]


def _range(one: Range, x: Axis, y: Axis, row: int) -> str:
    if one.upright:
        left, right = x.at(one.low), x.at(one.high)
        box = element("rect", x=left - 1, width=max(2.0, right - left + 2), y=y.end, height=y.start - y.end)
        late = (left + right) / 2 > (LEFT + WIDTH) / 2
        at, anchor = (right, "end") if late else (left, "start")
        name = [text(one.name, at, TOP + _LINE * (row + 1) - 4, text_anchor=anchor)] if one.name else []
        return element("g", box, *name, class_=one.look if right - left > _THIN else f"{one.look} thin")
    top, bottom = y.at(one.high), y.at(one.low)
    box = element("rect", x=LEFT, width=WIDTH - RIGHT - LEFT, y=top - 0.5, height=max(1.0, bottom - top + 1))
    within = bottom - top > _LINE + 1
    word = text(one.name, WIDTH - RIGHT - 3, top + 12 if within else top - 4, text_anchor="end")
    return element("g", box, word, class_=one.look)


def _area(area: Area, x: Axis, y: Axis) -> str:
    upper = [(x.at(step), y.at(high)) for step, _, high in area.edges]
    lower = [(x.at(step), y.at(low)) for step, low, _ in reversed(area.edges)]
    return path([*upper, *lower], closed=True, class_=f"area {area.look}")


def _curve(curve: Curve, x: Axis, y: Axis) -> list[str]:
    points = [(x.at(step), y.at(value)) for step, value in curve.points]
    parts = [path(points, class_=f"curve {curve.look}{' dashed' if curve.dashed else ''}")] if len(points) > 1 else []
    if curve.dots or len(points) == 1:
        for (step, _), (left, top) in zip(curve.points, points, strict=True):
            look = f"dot {curve.look}{' hollow' if step in curve.hollow else ''}"
            parts.append(element("circle", cx=left, cy=top, r=_DOT, class_=look))
    return parts


def _readings(plot: Plot, x: Axis, y: Axis) -> list[str]:
    """Return a column for each step, as wide as the way to its neighbours' middle."""
    centres = [x.at(each.step) for each in plot.readings]
    edges = [LEFT, *((a + b) / 2 for a, b in pairwise(centres)), WIDTH - RIGHT]
    at = {curve.name: dict(curve.points) for curve in plot.curves}
    columns = []
    for reading, centre, left, right in zip(plot.readings, centres, edges, edges[1:], strict=False):
        hits = [(c.look, at[c.name][reading.step]) for c in plot.curves if reading.step in at[c.name]]
        dots = [element("circle", cx=centre, cy=y.at(value), r=_DOT + 1, class_=f"dot {look}") for look, value in hits]
        shown = element(
            "g",
            element("line", x1=centre, x2=centre, y1=y.end, y2=y.start),
            *dots,
            said(str(reading.step), reading.words),
            class_="tip",
        )
        column = element("rect", x=left, width=max(0.1, right - left), y=0, height=HEIGHT)
        columns.append(hit(column, shown))
    return columns


def said(steps_: str, words: Sequence[tuple[str, str]]) -> str:
    """Return what is read above a plot: the step or steps, then words with their looks."""
    spans = (piece(each, class_=look, dx=12) for look, each in words)
    return element("text", piece(f"step {steps_}", class_="step"), *spans, x=LEFT, y=SAID)
