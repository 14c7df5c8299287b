"""The markdown page as one self-contained HTML file: no script, nothing loaded, nothing from the run unescaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from markdown_it import MarkdownIt
from markdown_it.token import Token

from diagnose.report.escape import plain
from diagnose.report.markdown import to_markdown
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


def to_html(report: Report) -> str:
    """Return the page. Its policy allows this one style sheet, by hash, and nothing else."""
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return _PAGE.format(
        policy=policy,
        title=escape(plain(report.run.name) or "A training run"),
        style=style,
        status=report.verdict.status.value,
        body=_body(to_markdown(report)),
    )


def _body(markdown: str) -> str:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(markdown)
    for token in tokens:
        if token.attrs.pop("style", None):  # the policy forbids style attributes; only figures are aligned
            token.attrs["class"] = "figure"
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", _table_close)
    reader.add_render_rule("fence", _diff)
    rendered: str = reader.renderer.render(tokens, reader.options, {})
    return rendered


def _table_open(*_: object) -> str:
    return '<div class="wide"><table>\n'


def _table_close(*_: object) -> str:
    return "</table></div>\n"


def _diff(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    """Render a fenced block line by line; the page has no other fences than diffs."""
    lines = "".join(_diff_line(line) for line in tokens[index].content.split("\n")[:-1])
    return f"<pre><code>{lines}</code></pre>\n"


def _diff_line(line: str) -> str:
    kind = next((kind for start, kind in _DIFF_LINES if line.startswith(start)), "same")
    return f'<span class="line {kind}">{escape(line) or " "}</span>'
