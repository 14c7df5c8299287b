"""The previews by step, as strips of pictures: how each begins, is half-way, and ends."""

from __future__ import annotations

import re

from diagnose.report.blocks import table
from diagnose.report.charts.figure import Figure
from diagnose.report.charts.svg import element, words_of
from diagnose.report.figures import counted
from diagnose.report.spans import Piece, code, line
from diagnose.verdict.report import FilmStrip, Report

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_SAYS = "Each strip is one preview: its start, its middle and its end. Compare the movement from step to step."


def film(report: Report) -> list[Figure]:
    """Return the film of a run; nothing where no picture was made."""
    shown = [each for each in report.film if _BASE64.fullmatch(each.picture)]
    if not shown:
        return []
    made = len(report.curves.previews)
    some = f" Shown: {len(shown)} of {counted(made, 'preview', 'previews')}; `--previews` shows more."
    says = line(_SAYS, some if made > len(shown) else "")
    rows: list[list[Piece]] = [[str(each.step), str(each.prompt + 1), code(each.file)] for each in report.film]
    drawing = element("div", *map(_strip, shown), class_="film")
    return [Figure("previews", "Previews", says, drawing, (), table(("Step", "Prompt", "File"), rows))]


def _strip(one: FilmStrip) -> str:
    name = f"step {one.step}, prompt {one.prompt + 1}"
    picture = element("img", src=f"data:image/jpeg;base64,{one.picture}", alt=f"Preview at {name}")
    return element("div", picture, element("span", words_of(name)))
