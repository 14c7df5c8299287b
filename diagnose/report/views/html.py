"""The page as one self-contained HTML file: no script, nothing loaded, nothing from the run unescaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from diagnose.report.blocks import Block, Diff, Heading, Items, Paragraph, Table
from diagnose.report.page import page
from diagnose.report.spans import Kind, Line, Span, Weight, plain, printable

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body data-status="{status}">
<main>
{body}</main>
</body>
</html>
"""
_DIFF_LINES = (("+++", "place"), ("---", "place"), ("@@", "place"), ("+", "plus"), ("-", "minus"))
"""What a line of a diff starts with, and its class; the first match counts."""
_TAGS = {Weight.NORMAL: "", Weight.STRONG: "strong", Weight.EMPHASIS: "em"}


def render(report: Report, *, width: int, color: bool) -> str:  # noqa: ARG001 - the same for every view
    """Return the page. Its policy allows this one style sheet, by hash, and nothing else."""
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return _PAGE.format(
        policy=policy,
        title=escape(plain(report.run.name) or "A training run"),
        style=style,
        status=report.verdict.status.value,
        body=html(page(report)),
    )


def html(blocks: Sequence[Block]) -> str:
    """Return blocks as HTML."""
    return "".join(map(_block, blocks))


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_inline(block.words)}</h{block.level}>\n"
    if isinstance(block, Paragraph):
        return f"<p>{_inline(block.words)}</p>\n"
    if isinstance(block, Items):
        tag = "ol" if block.numbered else "ul"
        lines = "".join(f"<li>{_inline(item)}</li>\n" for item in block.items)
        return f"<{tag}>\n{lines}</{tag}>\n"
    if isinstance(block, Table):
        return _table(block)
    return _diff(block)


def _inline(words: Line) -> str:
    parts = []
    for weight, spans in groupby(words, lambda span: span.weight):
        text = "".join(map(_span, spans))
        parts.append(f"<{_TAGS[weight]}>{text}</{_TAGS[weight]}>" if _TAGS[weight] else text)
    return "".join(parts)


def _span(span: Span) -> str:
    text = escape(span.text, quote=False)
    return text if span.kind is Kind.PLAIN else f"<code>{text}</code>"


def _table(table: Table) -> str:
    head = _row(table.header, "th", table.numbers_from)
    body = "".join(_row(row, "td", table.numbers_from) for row in table.rows)
    return f'<div class="wide"><table>\n<thead>\n{head}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n'


def _row(cells: Sequence[Line], tag: str, numbers_from: int | None) -> str:
    figures = len(cells) if numbers_from is None else numbers_from
    starts = [f'<{tag} class="figure">' if index >= figures else f"<{tag}>" for index in range(len(cells))]
    row = "".join(f"{start}{_inline(cell)}</{tag}>\n" for start, cell in zip(starts, cells, strict=True))
    return f"<tr>\n{row}</tr>\n"


def _diff(diff: Diff) -> str:
    return f"<pre><code>{''.join(map(_diff_line, diff.lines))}</code></pre>\n"


def _diff_line(text: str) -> str:
    kind = next((kind for start, kind in _DIFF_LINES if text.startswith(start)), "same")
    return f'<span class="line {kind}">{escape(printable(text), quote=False) or " "}</span>'
