"""One door to the views: a report and the name of a format in, text out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, real, write_whole
from diagnose.report import views

if TYPE_CHECKING:
    from diagnose.verdict.report import Report


def formats() -> tuple[str, ...]:
    """Return the names of the formats, by name: a module in `views` is one. None of them is imported."""
    files = {name for folder in views.__path__ for name in os.listdir(folder)}  # noqa: PTH208 - pathlib costs 5 ms
    return tuple(sorted(name.removesuffix(".py") for name in files if name.endswith(".py") and name[0] != "_"))


ENDINGS: Mapping[str, str] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".sarif": "sarif",
    ".txt": "terminal",
}
"""The format that the ending of a file means."""


def save(report: Report, path: Path, form: str | None = None) -> None:
    """Write a report to a file, in a format or in the one that the ending means.

    Raises:
        DiagnoseError: no format ends so, the file lies in the run's folder, or it cannot be written.
    """
    meant = form or ENDINGS.get(path.suffix.lower())
    if meant is None:
        raise DiagnoseError(f"{path}: no format ends in {path.suffix!r}; use {', '.join(ENDINGS)}, or name the format")
    source = Path(report.run.path)
    if real(path) == real(source) or (is_folder(source) and real(path).is_relative_to(real(source))):
        raise DiagnoseError(f"{path}: belongs to the run, which is never written to; choose another file")
    write_whole(path, render(report, meant))


def render(report: Report, form: str, *, width: int = 100, color: bool = False, full: bool = False) -> str:
    """Return the report as text. `width` (columns) and `color` are for a terminal; `full` leaves nothing out.

    A view is imported when it is asked for: a JSON pre-flight does not wait for rich.

    Raises:
        DiagnoseError: there is no such format.
    """
    if form not in formats():
        raise DiagnoseError(f"format {form!r}: give one of {', '.join(formats())}")
    view = import_module(f"{views.__name__}.{form}")
    text: str = view.render(report, width=width, color=color, full=full)
    return text
