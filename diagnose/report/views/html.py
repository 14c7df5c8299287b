"""The report as one HTML page: the answer on the first screen, figures, and the rest to unfold.

One file, no script, nothing loaded; the content policy allows its one style sheet and pictures that are in the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagnose.report.blocks import Block, Heading, Paragraph, heading, items, paragraph, under
from diagnose.report.charts.figure import Figure
from diagnose.report.charts.motion import motion_figures
from diagnose.report.charts.rates import loss_figures, rate_figures
from diagnose.report.charts.timeline import timeline
from diagnose.report.charts.weights import heat_maps, weight_figures
from diagnose.report.page import page
from diagnose.report.sections.finding_lists import not_checked, story
from diagnose.report.sections.opening import about, outcome, own_thresholds
from diagnose.report.sections.to_do import NOTHING, steps
from diagnose.report.spans import Line, join, line, plain, prose, sentence, strong, text_of
from diagnose.report.tags import html, inline, last_name
from diagnose.report.wording import SEVERITY, STATUS

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

_GALLERY = (motion_figures, rate_figures, weight_figures, loss_figures, heat_maps, timeline)
"""The figures, in reading order; each part returns those that the report has the data for."""
_CHAPTER, _PART = 2, 3
_FOLDED_FROM = 1
"""Of the chapters that follow the figures, from which on they are folded."""


class _Chapter(Struct, frozen=True):
    """A heading and what is under it, up to the next of its level."""

    words: Line
    blocks: tuple[Block, ...]


def render(report: Report, *, width: int, color: bool, full: bool) -> str:  # noqa: ARG001 - the same for every view
    """Return the page."""
    page_, style = (files(__package__).joinpath(f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return page_.format(
        policy=policy,
        title=escape(plain(report.run.name) or "A training run"),
        style=style,
        status=report.verdict.status.value,
        body="".join(_body(report)),
    )


def _body(report: Report) -> Iterator[str]:
    portable = replace(report, run=replace(report.run, path=last_name(report.run.path)))
    (title, *_), (_, *rest) = _split([*page(portable), *_terms(report)], _CHAPTER)
    drawn = [figure for part in _GALLERY for figure in part(report)]
    yield f"<header>\n{html([title])}{''.join(_first_screen(portable))}</header>\n"
    names = [*(["Figures"] if drawn else []), *(text_of(chapter.words) for chapter in rest)]
    anchors = [f"part-{index}" for index in range(1, len(names) + 1)]
    yield _contents(anchors, names)
    if drawn:
        yield f'<section id="{anchors.pop(0)}">\n<h2>Figures</h2>\n<div class="gallery">\n'
        yield from map(_figure, drawn)
        yield "</div>\n</section>\n"
    for index, (anchor, chapter) in enumerate(zip(anchors, rest, strict=True)):
        yield _folded(chapter, anchor, open_=index < _FOLDED_FROM)


def _first_screen(report: Report) -> Iterator[str]:
    """Yield what answers the four questions: is all right, what is the main fault, how sure, what to change."""
    status = f'<strong class="status">{escape(STATUS[report.verdict.status])}</strong>'
    yield f'<p class="about">{status} {inline(about(report))}</p>\n'
    story_ = [*story(report), join(" ", [outcome(report), own_thresholds(report)])]
    yield f'<div class="story">\n{html([paragraph(words) for words in story_ if words])}</div>\n'
    todo: list[Block] = items(steps(report), numbered=True) or [paragraph(NOTHING)]
    yield f'<section class="todo">\n{html([heading(_CHAPTER, "Do this"), *todo])}</section>\n'
    unchecked = not_checked(report)
    yield f'<p class="unchecked">{inline(unchecked)}</p>\n' if unchecked else ""


def _terms(report: Report) -> list[Block]:
    """Explain the terms of the page, for those who are new to them."""
    told = (line(strong(prose(term)), ": ", sentence(meaning)) for term, meaning in report.glossary.items())
    return under(heading(_CHAPTER, "Terms"), told)


def _split(blocks: Iterable[Block], level: int) -> tuple[list[Block], list[_Chapter]]:
    """Return what stands before the first heading of a level, and what stands under each."""
    before: list[Block] = []
    found: list[tuple[Heading, list[Block]]] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == level:
            found.append((block, []))
        else:
            (found[-1][1] if found else before).append(block)
    return before, [_Chapter(head.words, tuple(under)) for head, under in found]


def _contents(anchors: Sequence[str], names: Sequence[str]) -> str:
    links = "".join(f'<a href="#{a}">{escape(name, quote=False)}</a>\n' for a, name in zip(anchors, names, strict=True))
    return f'<nav aria-label="Contents">\n{links}</nav>\n'


def _folded(chapter: _Chapter, anchor: str, *, open_: bool) -> str:
    """Return a chapter to unfold, and in it each part that has a heading, folded as well."""
    before, parts = _split(chapter.blocks, _PART)
    state = " open" if open_ else ""
    return (
        f'<details class="chapter" id="{anchor}"{state}>\n<summary><h2>{inline(chapter.words)}</h2></summary>\n'
        f"{html(before)}{''.join(map(_part, parts))}</details>\n"
    )


def _part(part: _Chapter) -> str:
    """Return a part to unfold; a line under its heading that says how grave a finding is can be seen at once."""
    label, under = "", part.blocks
    if under and isinstance(under[0], Paragraph) and under[0].words[0].text in SEVERITY.values():
        label, under = f'\n<span class="label">{inline(under[0].words)}</span>', under[1:]
    return f"<details>\n<summary><h3>{inline(part.words)}</h3>{label}</summary>\n{html(under)}</details>\n"


def _figure(one: Figure) -> str:
    key = "".join(f'<span class="{look}">{escape(plain(name), quote=False)}</span>' for look, name in one.key)
    return (
        f'<figure id="figure-{one.name}">\n<figcaption><h3>{escape(one.title, quote=False)}</h3>\n'
        f'<p>{inline(one.says)}</p>\n<p class="key">{key}</p></figcaption>\n{one.drawing}\n'
        f"<details><summary>The same as a table</summary>\n{html([one.table])}</details>\n</figure>\n"
    )
