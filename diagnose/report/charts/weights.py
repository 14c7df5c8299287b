"""Weights over the saves: strength, ratio and update of the experts, how fast they grew, and each module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from msgspec import Struct

from diagnose.report.blocks import table
from diagnose.report.charts.figure import ONE, Figure, drawable, looks, of_curves, points
from diagnose.report.charts.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, Axis, Curve, Range, levels, over, said
from diagnose.report.charts.svg import WIDTH, drawing, element, hint, hit, text
from diagnose.report.figures import Kind, figure, finite
from diagnose.report.spans import Line, join, line
from diagnose.report.wording import columns
from diagnose.verdict.curves import ModuleMap
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import CheckpointRow

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


def draw_bars(label: str, groups: Sequence[tuple[str, tuple[Bar, ...]]]) -> str:
    """Return groups of bars, each with its name, as SVG with an axis in percent; there is at least one bar in all."""
    every = [bar for _, group in groups for bar in group]
    ends = [_PERCENT * (bar.value + side * (bar.error or 0.0)) for bar in every for side in (-1, 1)]
    y = over(ends, HEIGHT - BOTTOM, TOP, zero=True)
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    parts = [element("g", *levels(y, " %"), class_="grid")]
    for index, (name, group) in enumerate(groups):
        left = LEFT + index * room
        parts.append(text(name, left + room / 2, HEIGHT - 6, text_anchor="middle", class_="name"))
        parts += [
            _bar(bar, left + room * (_GAP / 2 + (1 - _GAP) * place / len(group)), room * (1 - _GAP) / len(group), y)
            for place, bar in enumerate(group)
        ]
        box = element("rect", x=left, y=0, width=room, height=HEIGHT)
        words = said(name, [(bar.look, f"{bar.name} {bar.words}") for bar in group])
        parts.append(hit(box, element("g", words, class_="tip")))
    return drawing(label, HEIGHT, *parts)


def _bar(bar: Bar, left: float, width: float, y: Axis) -> str:
    top, foot = sorted((y.at(_PERCENT * bar.value), y.at(0.0)))
    parts = [element("rect", x=left + 1, width=max(1.0, width - 2), y=top, height=max(1.0, foot - top))]
    if bar.error is not None:
        low, high = (y.at(_PERCENT * (bar.value + side * bar.error)) for side in (-1, 1))
        parts.append(element("line", x1=left + width / 2, x2=left + width / 2, y1=low, y2=high))
    return element("g", *parts, class_=f"bar {bar.look}")


_STRENGTH = "Mean size of the LoRA's numbers in each save. Dashed: an untrained LoRA."
_UPDATE = "How much the LoRA changes the model in each save (Frobenius norm); 0 is an untrained LoRA."
_GROWTH = "Growth of the weight magnitude from save to save, as a percentage. Thin lines: 90 % ranges."
_HOLLOW = "Hollow points: saves at which one expert was ahead by its turn. They are not compared."


def weight_figures(report: Report) -> list[Figure]:
    """Return the figures of the saves; none where no save could be measured."""
    norm = _of_experts(report, lambda row: row.update_norm)
    size = [*_of_experts(report, lambda row: row.magnitude), *_untrained(report)]
    keep = _keep(report)
    return [
        *_ratio(report, keep),
        *of_curves("update", "Update norm", line(_UPDATE), norm, Kind.MAGNITUDE, ranges=keep),
        *of_curves("strength", "Weight magnitude", line(_STRENGTH), size, Kind.MAGNITUDE, ranges=keep),
        *_growth(report),
    ]


def _of_experts(report: Report, of: Callable[[CheckpointRow], Mapping[str, float | None]]) -> list[Curve]:
    return [
        Curve(name, look, points((row.step, of(row).get(expert)) for row in report.checkpoints), dots=True)
        for expert, (look, name) in looks(report.titles).items()
    ]


def _untrained(report: Report) -> list[Curve]:
    """Return what an untrained LoRA of the first expert's shapes reads; the other's have the same."""
    known = [each.untrained_magnitude for _, each in report.experts if each.untrained_magnitude is not None]
    steps = [row.step for row in report.checkpoints if row.step is not None]
    if not known or not steps:
        return []
    return [Curve("untrained", "ahead", points((step, known[0]) for step in (steps[0], steps[-1])), dashed=True)]


def _ratio(report: Report, keep: Sequence[Range]) -> list[Figure]:
    known = points((row.step, row.weight_ratio) for row in report.checkpoints)
    trajectory = report.trajectory
    apart = frozenset(trajectory.left_out if trajectory is not None else ())
    course = trajectory.magnitude if trajectory is not None else None
    turn = course.turn if course is not None else None
    best = next((row for row in report.checkpoints if row.best and row.weight_ratio is not None), None)
    leads, gains = (list(report.titles.values())[at] for at in (0, -1))
    says: list[Line] = [line(f"Above 1 the {leads} has the larger weights.")]
    if best is not None:
        says.append(line(f"Largest at step {best.step}: {figure(best.weight_ratio, Kind.RATIO)}."))
    if turn is not None:
        says.append(line(f"From about step {turn.step} on the {gains} gains."))
    if apart & {step for step, _ in known}:
        says.append(line(_HOLLOW))
    return of_curves(
        "weight-ratio",
        "Weight ratio high/low",
        join(" ", says),
        [Curve("ratio", ONE, known, dots=True, hollow=apart)],
        Kind.RATIO,
        ranges=[*keep, *([Range(f"turn, about {turn.step}", "turn", turn.earliest, turn.latest)] if turn else [])],
    )


def _keep(report: Report) -> list[Range]:
    """Return the steps whose saves are worth keeping, one range for saves that follow each other; one has a name."""
    choice = report.keep
    if choice is None:
        return []
    runs = [list(steps) for kept, steps in groupby(choice.saved, lambda step: step in choice.steps) if kept]
    return [Range("" if index else "keep", "keep", run[0], run[-1]) for index, run in enumerate(runs)]


def _growth(report: Report) -> list[Figure]:
    trajectory = report.trajectory
    own = looks(report.titles).values()
    spans = [each for each in (trajectory.spans if trajectory is not None else ()) if set(each.growth) != {None}]
    if not spans:
        return []
    groups = [
        (
            f"{span.first} to {span.last}",
            tuple(
                Bar(look, name, growth, error, figure(growth, Kind.GROWTH))
                for (look, name), growth, error in zip(own, span.growth, span.errors, strict=True)
                if growth is not None and drawable(growth, error or 0.0)
            ),
        )
        for span in spans
    ]
    if not any(bars for _, bars in groups):
        return []
    drawing = draw_bars("Growth of the weights", groups)
    rows = [[f"{s.first} to {s.last}", *(figure(each, Kind.GROWTH, "") for each in s.growth)] for s in spans]
    header = ("Steps", *columns(report.titles))
    return [Figure("growth", "Growth of the weights", line(_GROWTH), drawing, tuple(own), table(header, rows, 1))]


_SAYS = "Step {step}. The darker a cell, the more the LoRA changes the model's weights there (root mean square)."
_LEFT, _TOP, _ROW, _RIGHT = 112.0, 24.0, 16.0, 8.0
_PALEST = 0.04
_NAMED = 8
"""Blocks whose numbers are written."""
_MOST_BLOCKS, _MOST_KINDS = 120, 24
"""Files of strangers may name any; what is beyond these is left to the table of `diagnose weights`."""


def heat_maps(report: Report) -> list[Figure]:
    """Return the map of each expert whose last save was measured module by module."""
    maps = report.curves.maps
    return [found for expert in report.titles if expert in maps for found in _map(report, expert, maps[expert])]


def _map(report: Report, expert: str, one: ModuleMap) -> list[Figure]:
    look, name = looks(report.titles)[expert]
    cells = {(m.kind, m.block): m.change for m in one.modules if m.block is not None and m.block < _MOST_BLOCKS}
    most = max((change for change in cells.values() if change is not None and finite(change)), default=0.0)
    kinds = tuple(dict.fromkeys(kind for kind, _ in cells))[:_MOST_KINDS]
    blocks = tuple(sorted({block for _, block in cells}))
    if len(blocks) < 2 or not most:  # noqa: PLR2004 - one block is no map
        return []

    width, foot = (WIDTH - _LEFT - _RIGHT) / len(blocks), _TOP + len(kinds) * _ROW + 14
    named = max(1, round(len(blocks) / _NAMED))
    parts = [text(kind, _LEFT - 6, _TOP + row * _ROW + 12, text_anchor="end") for row, kind in enumerate(kinds)]
    for column, block in enumerate(blocks):
        left = _LEFT + column * width
        if column % named == 0:
            parts.append(text(str(block), left + width / 2, foot, text_anchor="middle"))
        for row, kind in enumerate(kinds):
            if (kind, block) in cells:
                change = cells[kind, block]
                share = change / most if change is not None and finite(change) else 0.0
                words = f"block {block} · {kind} · {figure(change, Kind.MAGNITUDE)}"
                parts.append(_cell((left, _TOP + row * _ROW), width, share, words))

    label = f"Change by block, {name}"
    drawn = drawing(label, foot + 6, *parts, look=f"map {look}")
    rows = [[str(b), *(figure(cells.get((kind, b)), Kind.MAGNITUDE, "") for kind in kinds)] for b in blocks]
    says = line(_SAYS.format(step=one.step))
    return [Figure(f"map-{expert}", label, says, drawn, (), table(("Block", *kinds), rows, numbers_from=0))]


def _cell(corner: tuple[float, float], width: float, share: float, words: str) -> str:
    """Return a cell; in a faint one hardly anything was learned."""
    shade = f"{_PALEST + (1 - _PALEST) * share:.2f}"
    box = element("rect", x=corner[0], y=corner[1], width=width, height=_ROW, fill_opacity=shade)
    return hint(box, words, _LEFT)
