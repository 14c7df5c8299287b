"""The previews to look at, prompt by prompt over the steps, and the curve of how much they move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from msgspec.structs import replace

from diagnose.motion.measured import ClipMotion
from diagnose.report.blocks import table
from diagnose.report.charts.figure import ONE, Figure, of_curves, points
from diagnose.report.charts.plot import Area, Curve, Range
from diagnose.report.charts.svg import element, words_of
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.spans import Piece, code, join, line, plain
from diagnose.verdict.motion import MotionTable
from diagnose.verdict.report import FilmStrip, Report

PERCENT = 100.0
NEAR = 8.0
"""Percent between two lines, below which their names would meet."""
LONGEST_PROMPT = 90
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_SAYS = "Three pictures of each preview, from where it moves most. Compare the movement from step to step."
_CURVE = "Mean speed in the picture, as a percentage of the same prompts' at step {step}."
_BAND = "The band is the 90 % interval over the prompts."
NO_FIGURE = "no figure"


def motion_figures(report: Report) -> list[Figure]:
    """Return the film of a run and its curve of motion; nothing where no picture was made and nothing measured."""
    return [*film(report), *(curve(report.motion) if report.motion is not None else [])]


def film(report: Report) -> list[Figure]:
    """Return the film of a run; nothing where no picture was made."""
    shown = [each for each in report.film if _BASE64.fullmatch(each.picture)]
    if not shown:
        return []
    made, previews = len(report.curves.previews), sum(each.step is not None for each in shown)
    some = f" Shown: {previews} of {counted(made, 'preview', 'previews')}; `--previews` shows more."
    says = line(_SAYS, some if made > previews else "")
    known = _motions(report.motion)
    parts = [
        _row_of(_title(prompt, report.motion), [_strip(each, known.get(each.file)) for each in own])
        for prompt, own in groupby(shown, lambda each: each.prompt)
    ]
    rows = [_row(each, known.get(each.file)) for each in shown]
    drawing = element("div", *parts, class_="film")
    return [Figure("previews", "Previews", says, drawing, (), table(("Step", "Prompt", "Motion", "File"), rows))]


def curve(found: MotionTable) -> list[Figure]:
    """Return the curve of motion over the steps, with its band; nothing for less than two steps that compare."""
    if found.against is None:
        return []
    own = next(each for each in found.steps if each.step == found.against)
    known = [(each.step, each.ratio) for each in found.steps if each.ratio is not None]
    drawn = [(own.step, PERCENT), *((step, PERCENT * ratio) for step, ratio in known)]
    bands = [
        (e.step, PERCENT * e.low, PERCENT * e.high) for e in found.steps if e.low is not None and e.high is not None
    ]
    band = Area(ONE, ((own.step, PERCENT, PERCENT), *bands))
    ranges = [Range(f"step {own.step}", "goal", PERCENT, PERCENT, upright=False)]
    if found.clip_amount is not None and own.amount:
        taught = PERCENT * found.clip_amount / own.amount
        ranges.append(Range("training clips", "keep", taught, taught, upright=False))
        if abs(taught - PERCENT) < NEAR:  # two names in one place cannot be read
            ranges[0] = replace(ranges[0], name="")
    turned = found.course.turned_at if found.course is not None else None
    if turned is not None:
        ranges.append(Range(f"from step {turned}", "turn", turned, turned))
    says = join(" ", [line(_CURVE.format(step=own.step)), line(_BAND) if bands else ()])
    curves = [Curve("motion", ONE, points(drawn), dots=True)]
    return of_curves(
        "motion", "Motion in the previews", says, curves, Kind.OTHER, areas=[band] if bands else [], ranges=ranges
    )


def _motions(found: MotionTable | None) -> dict[str, ClipMotion]:
    """Return what was measured, by file."""
    if found is None:
        return {}
    previews = (point.motion for each in found.series.prompts for point in each.every_point)
    return {each.file: each for each in (*previews, *found.series.clips) if isinstance(each, ClipMotion)}


def _title(prompt: int | None, found: MotionTable | None) -> str:
    if prompt is None:
        return "A training clip"
    own = next((each for each in found.series.prompts if each.prompt == prompt), None) if found is not None else None
    words = plain(own.text or "") if own is not None else ""
    text = f": {words[:LONGEST_PROMPT]}" if words else ""
    seed = f" (seed {own.seed})" if own is not None and own.seed is not None else ""
    return f"Prompt {prompt + 1}{text}{seed}"


def _row_of(title: str, strips: Sequence[str]) -> str:
    """Return the strips of a prompt in a row, which a reader moves sideways where it is wider than the page."""
    row = element("div", *strips, class_="wide", tabindex="0", role="group", aria_label=title)
    return element("section", element("h4", words_of(title)), row)


def _strip(one: FilmStrip, motion: ClipMotion | None) -> str:
    name = plain(one.file) if one.step is None else f"step {one.step}"
    picture = element("img", src=f"data:image/jpeg;base64,{one.picture}", alt=_alt(one))
    words = f"{name}, motion {_amount(motion)}" if motion is not None else name
    return element("div", picture, element("span", words_of(words)))


def _alt(one: FilmStrip) -> str:
    if one.step is None or one.prompt is None:
        return "A training clip"
    return f"Preview at step {one.step}, prompt {one.prompt + 1}"


def _amount(motion: ClipMotion) -> str:
    return figure(motion.amount, Kind.RATIO, NO_FIGURE)


def _row(one: FilmStrip, motion: ClipMotion | None) -> list[Piece]:
    step = "" if one.step is None else str(one.step)
    prompt = "" if one.prompt is None else str(one.prompt + 1)
    return [step, prompt, _amount(motion) if motion is not None else "", code(one.file)]
