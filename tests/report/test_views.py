"""One door for every format."""

from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.report.html import to_html
from diagnose.report.json import to_json
from diagnose.report.markdown import to_markdown
from diagnose.report.terminal import to_terminal
from diagnose.report.views import render
from diagnose.verdict.report import Report


def test_every_format_is_its_view(failing: Report) -> None:
    assert render(failing, "markdown") == to_markdown(failing)
    assert render(failing, "json") == to_json(failing)
    assert render(failing, "html") == to_html(failing)
    assert render(failing, "terminal", width=60, color=True) == to_terminal(failing, width=60, color=True)


def test_an_unknown_format_is_refused_by_name(failing: Report) -> None:
    with pytest.raises(DiagnoseError, match=r"format 'pdf': not one of markdown, json, html, terminal"):
        render(failing, "pdf")
