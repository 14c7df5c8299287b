"""One door to the views: a report and the name of a format in, text out."""

from __future__ import annotations

from diagnose.errors import DiagnoseError
from diagnose.report.html import to_html
from diagnose.report.json import to_json
from diagnose.report.markdown import to_markdown
from diagnose.report.terminal import to_terminal
from diagnose.verdict.report import Report

FORMATS = ("markdown", "json", "html", "terminal")


def render(report: Report, format: str, *, width: int = 100, color: bool = False) -> str:  # noqa: A002 - the option's name
    """Return the report as text. `width` (columns) and `color` are for the terminal only.

    Raises:
        DiagnoseError: there is no such format.
    """
    if format == "terminal":
        return to_terminal(report, width=width, color=color)
    views = {"markdown": to_markdown, "json": to_json, "html": to_html}
    if format not in views:
        raise DiagnoseError(f"format {format!r}: not one of {', '.join(FORMATS)}")
    return views[format](report)
