"""One door to the views: a report and the name of a format in, text out.

A view is imported when it is asked for: a JSON pre-flight waits for neither rich nor a markdown parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.core.errors import DiagnoseError

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

FORMATS = ("markdown", "json", "html", "terminal", "sarif")


def render(report: Report, format: str, *, width: int = 100, color: bool = False) -> str:  # noqa: A002 - the option's name
    """Return the report as text. `width` (columns) and `color` are for the terminal only.

    Raises:
        DiagnoseError: there is no such format.
    """
    # ruff: noqa: PLC0415 - see the module's docstring
    if format == "terminal":
        from diagnose.report.terminal import to_terminal

        return to_terminal(report, width=width, color=color)
    if format == "markdown":
        from diagnose.report.markdown import to_markdown

        return to_markdown(report)
    if format == "html":
        from diagnose.report.html import to_html

        return to_html(report)
    if format == "sarif":
        from diagnose.report.sarif import to_sarif

        return to_sarif(report)
    if format == "json":
        from diagnose.report.json import to_json

        return to_json(report)
    raise DiagnoseError(f"format {format!r}: not one of {', '.join(FORMATS)}")
