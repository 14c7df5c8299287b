"""Where the user said what a run is: on the command line, or in a project file."""

from __future__ import annotations

from diagnose.core.values import Place


def where_said(what: str, declared: Place | None) -> Place:
    """Return the place in the project file, or else the option of the command line, that is named as `what`."""
    return declared or Place("command line", key=f"--{what}")


def how_said(at: Place) -> str:
    """Say how the user's word came to us."""
    return f"as asked with {at.key}" if at.line is None else f"as declared in {at}"
