"""Bars in groups, one for each expert, with their ranges and what they say on hover or tap."""

from __future__ import annotations

from msgspec import Struct

from diagnose.report.charts.axes import Axis, over
from diagnose.report.charts.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, levels, said
from diagnose.report.charts.svg import WIDTH, drawing, element, hit, text

_PERCENT = 100
_GAP = 0.3
"""Of a group's room, between it and the next."""


class Bar(Struct, frozen=True):
    """A fraction, half the width of its range, and how it is written."""

    look: str
    name: str
    value: float
    error: float | None
    words: str


class Bars(Struct, frozen=True):
    """Groups of bars, each with its name; at least one bar in all."""

    label: str
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]


def draw_bars(bars: Bars) -> str:
    """Return the bars as SVG, with an axis in percent."""
    every = [bar for _, group in bars.groups for bar in group]
    ends = [_PERCENT * (bar.value + side * (bar.error or 0.0)) for bar in every for side in (-1, 1)]
    y = over(ends, HEIGHT - BOTTOM, TOP, zero=True)
    room = (WIDTH - LEFT - RIGHT) / len(bars.groups)
    parts = [element("g", *levels(y, " %"), class_="grid")]
    for index, (name, group) in enumerate(bars.groups):
        left = LEFT + index * room
        parts.append(text(name, left + room / 2, HEIGHT - 6, text_anchor="middle", class_="name"))
        parts += [
            _bar(bar, left + room * (_GAP / 2 + (1 - _GAP) * place / len(group)), room * (1 - _GAP) / len(group), y)
            for place, bar in enumerate(group)
        ]
        box = element("rect", x=left, y=0, width=room, height=HEIGHT)
        words = said(name, [(bar.look, f"{bar.name} {bar.words}") for bar in group])
        parts.append(hit(box, element("g", words, class_="tip")))
    return drawing(bars.label, HEIGHT, *parts)


def _bar(bar: Bar, left: float, width: float, y: Axis) -> str:
    top, foot = sorted((y.at(_PERCENT * bar.value), y.at(0.0)))
    parts = [element("rect", x=left + 1, width=max(1.0, width - 2), y=top, height=max(1.0, foot - top))]
    if bar.error is not None:
        low, high = (y.at(_PERCENT * (bar.value + side * bar.error)) for side in (-1, 1))
        parts.append(element("line", x1=left + width / 2, x2=left + width / 2, y1=low, y2=high))
    return element("g", *parts, class_=f"bar {bar.look}")
