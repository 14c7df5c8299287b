"""The picture in the README: what a terminal shows of a run, as an SVG that is readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from io import StringIO

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.segment import Segment

COLUMNS = 80
CELL, LINE, EDGE = 8.4, 19, 16
"""The width of a character, the height of a line and the empty edge, in pixels."""
COLORS = {1: "red", 2: "green", 3: "yellow"}
"""The numbers of a terminal's colours that the view uses."""
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img">
<title>{title}</title>
<style>
rect {{ fill: #fff; stroke: #d0d7de }}
text {{ fill: #1f2328; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  white-space: pre }}
.bold {{ font-weight: bold }} .dim {{ fill: #59636e }}
.red {{ fill: #b3261e }} .yellow {{ fill: #8a5a00 }} .green {{ fill: #1a7f37 }}
@media (prefers-color-scheme: dark) {{
  rect {{ fill: #0d1117; stroke: #3d444d }}
  text {{ fill: #e6edf3 }} .dim {{ fill: #9198a1 }}
  .red {{ fill: #ff8379 }} .yellow {{ fill: #e3b341 }} .green {{ fill: #56d364 }}
}}
</style>
<rect x="0.5" y="0.5" width="{inner:g}" height="{tall:g}" rx="8"/>
"""


def drawn(screen: str, title: str) -> str:
    """Return the picture of a terminal's text, its colours among it, under the command `title` that printed it."""
    console = Console(width=COLUMNS, file=StringIO())
    lines = [[Segment(f"$ {title}")], [], *map(list, map(console.render, AnsiDecoder().decode(screen.rstrip())))]
    width, height = COLUMNS * CELL + 2 * EDGE, len(lines) * LINE + 2 * EDGE
    head = HEAD.format(title=escape(title), width=width, height=height, inner=width - 1, tall=height - 1)
    return head + "".join(_rows(lines)) + "</svg>\n"


def _rows(lines: list[list[Segment]]) -> Iterator[str]:
    for number, segments in enumerate(lines, start=1):
        spans = [each for each in segments if each.text != "\n"]
        cells = sum(each.cell_length for each in spans)
        if cells:
            y = EDGE + number * LINE - 5
            words = "".join(map(_span, spans))
            yield f'<text x="{EDGE}" y="{y}" textLength="{cells * CELL:g}" xml:space="preserve">{words}</text>\n'


def _span(segment: Segment) -> str:
    style = segment.style
    names = [
        *(["bold"] if style and style.bold else []),
        *(["dim"] if style and style.dim else []),
        *([COLORS[style.color.number]] if style and style.color and style.color.number else []),
    ]
    text = escape(segment.text, quote=False)
    return f'<tspan class="{" ".join(names)}">{text}</tspan>' if names else text
