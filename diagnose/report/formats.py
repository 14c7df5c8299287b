"""One door to the views: a report and the name of a format in, text out."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from diagnose.core.errors import DiagnoseError
from diagnose.report import views

if TYPE_CHECKING:
    from diagnose.verdict.report import Report


def formats() -> tuple[str, ...]:
    """Return the names of the formats, by name: a module in `views` is one. None of them is imported."""
    files = {name for folder in views.__path__ for name in os.listdir(folder)}  # noqa: PTH208 - pathlib costs 5 ms
    return tuple(sorted(name.removesuffix(".py") for name in files if name.endswith(".py") and name[0] != "_"))


def render(report: Report, form: str, *, width: int = 100, color: bool = False, full: bool = False) -> str:
    """Return the report as text. `width` (columns) and `color` are for a terminal; `full` leaves nothing out.

    A view is imported when it is asked for: a JSON pre-flight does not wait for rich.

    Raises:
        DiagnoseError: there is no such format.
    """
    if form not in formats():
        raise DiagnoseError(f"format {form!r}: not one of {', '.join(formats())}")
    view = import_module(f"{views.__name__}.{form}")
    text: str = view.render(report, width=width, color=color, full=full)
    return text
