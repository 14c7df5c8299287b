"""Where in the network each expert changed: a cell for every module, by block and kind."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.report.blocks import table
from diagnose.report.charts.figure import Figure, looks
from diagnose.report.charts.svg import WIDTH, drawing, element, hint, text
from diagnose.report.figures import Kind, figure, finite
from diagnose.report.spans import line
from diagnose.verdict.curves import ModuleMap
from diagnose.verdict.report import Report

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


class _Grid(Struct, frozen=True):
    """The change in each module by kind and block; `most` is the largest."""

    cells: Mapping[tuple[str, int], float | None]
    kinds: tuple[str, ...]
    blocks: tuple[int, ...]
    most: float


def _map(report: Report, expert: str, one: ModuleMap) -> list[Figure]:
    look, name = looks(report.titles)[expert]
    cells = {(m.kind, m.block): m.change for m in one.modules if m.block is not None and m.block < _MOST_BLOCKS}
    most = max((change for change in cells.values() if change is not None and finite(change)), default=0.0)
    kinds = tuple(dict.fromkeys(kind for kind, _ in cells))[:_MOST_KINDS]
    blocks = tuple(sorted({block for _, block in cells}))
    if len(blocks) < 2 or not most:  # noqa: PLR2004 - one block is no map
        return []
    label = f"Change by block, {name}"
    drawn = _draw(_Grid(cells, kinds, blocks, most), look, label)
    rows = [[str(b), *(figure(cells.get((kind, b)), Kind.MAGNITUDE, "") for kind in kinds)] for b in blocks]
    says = line(_SAYS.format(step=one.step))
    return [Figure(f"map-{expert}", label, says, drawn, (), table(("Block", *kinds), rows, numbers_from=0))]


def _draw(grid: _Grid, look: str, label: str) -> str:
    width, foot = (WIDTH - _LEFT - _RIGHT) / len(grid.blocks), _TOP + len(grid.kinds) * _ROW + 14
    named = max(1, round(len(grid.blocks) / _NAMED))
    parts = [text(kind, _LEFT - 6, _TOP + row * _ROW + 12, text_anchor="end") for row, kind in enumerate(grid.kinds)]
    for column, block in enumerate(grid.blocks):
        left = _LEFT + column * width
        if column % named == 0:
            parts.append(text(str(block), left + width / 2, foot, text_anchor="middle"))
        for row, kind in enumerate(grid.kinds):
            if (kind, block) in grid.cells:
                change = grid.cells[kind, block]
                share = change / grid.most if change is not None and finite(change) else 0.0
                words = f"block {block} · {kind} · {figure(change, Kind.MAGNITUDE)}"
                parts.append(_cell((left, _TOP + row * _ROW), width, share, words))
    return drawing(label, foot + 6, *parts, look=f"map {look}")


def _cell(corner: tuple[float, float], width: float, share: float, words: str) -> str:
    """Return a cell; in a faint one hardly anything was learned."""
    shade = f"{_PALEST + (1 - _PALEST) * share:.2f}"
    box = element("rect", x=corner[0], y=corner[1], width=width, height=_ROW, fill_opacity=shade)
    return hint(box, words, _LEFT)
