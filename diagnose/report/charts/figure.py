"""A figure as the page shows it: what it is, a sentence that reads it, the drawing, and the same as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.report.blocks import Table, table
from diagnose.report.charts.plot import Area, Curve, Plot, Range, Reading, draw
from diagnose.report.figures import Kind, figure, finite
from diagnose.report.spans import Line
from diagnose.report.wording import Titles, columns

FEWEST = 2
LARGEST = 1e100
ONE = "one"
"""The look of a curve that is of no expert alone."""


class Figure(Struct, frozen=True):
    """`key` says look and name of each kind of curve. `name` is the figure's own within the page."""

    name: str
    title: str
    says: Line
    drawing: str
    key: tuple[tuple[str, str], ...]
    table: Table


def looks(titles: Titles) -> Mapping[str, tuple[str, str]]:
    """Return by expert the look of its curves and what it is called: "high noise"."""
    names = zip(titles, columns(titles), strict=True)
    return {expert: (f"e{index}", name.lower()) for index, (expert, name) in enumerate(names)}


def points(values: Iterable[tuple[int | None, float | None]]) -> tuple[tuple[int, float], ...]:
    """Return the points that are known and can be drawn, one per step, by step."""
    known = {step: value for step, value in values if step is not None and value is not None and drawable(value)}
    return tuple(sorted(known.items()))


def drawable(*values: float) -> bool:
    """Return whether numbers leave room for the arithmetic of an axis; a stranger's may be of any size."""
    return all(finite(value) and abs(value) <= LARGEST for value in values)


def of_curves(
    name: str,
    title: str,
    says: Line,
    curves: Iterable[Curve],
    kind: Kind,
    *,
    areas: Sequence[Area] = (),
    ranges: Sequence[Range] = (),
    notes: tuple[str, Mapping[int, str]] = ("", {}),
) -> list[Figure]:
    """Return a figure of curves, with a column per step in its table; none for less than two steps.

    `notes`: the heading of a last column, and what it says at some steps.
    """
    drawn = tuple(curve for curve in curves if curve.points)
    every = sorted({step for curve in drawn for step, _ in curve.points})
    if len(every) < FEWEST:
        return []
    said, at = notes[1], [dict(curve.points) for curve in drawn]
    values = {step: [own.get(step) for own in at] for step in every}
    readings = tuple(Reading(step, tuple(_words(drawn, values[step], said.get(step), kind))) for step in every)
    noted = any(step in said for step in every)
    header = ("Step", *(f"{c.name[:1].upper()}{c.name[1:]}" for c in drawn), *([notes[0]] if noted else []))
    rows = [
        [str(step), *(figure(value, kind, "") for value in values[step]), *([said.get(step, "")] if noted else [])]
        for step in every
    ]
    key = tuple((f"{curve.look}{' dashed' if curve.dashed else ''}", curve.name) for curve in drawn)
    wide = kind is Kind.RATE
    clear = [replace(area, edges=tuple(edge for edge in area.edges if drawable(*edge))) for area in areas]
    within = [each for each in ranges if drawable(each.low, each.high)]
    drawing = draw(Plot(title, drawn, readings, tuple(area for area in clear if area.edges), tuple(within), wide))
    return [Figure(name, title, says, drawing, key, table(header, rows, numbers_from=0))]


def _words(
    curves: Sequence[Curve], values: Sequence[float | None], note: str | None, kind: Kind
) -> Iterable[tuple[str, str]]:
    for curve, value in zip(curves, values, strict=True):
        if value is not None:
            yield curve.look, f"{curve.name} {figure(value, kind)}"
    if note:
        yield "", note
