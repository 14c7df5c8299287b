"""Handing a result over: to standard output, or to a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.columns import columns_of_terminal
from diagnose.cli.options import NEVER
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Severity
from diagnose.report.formats import render
from diagnose.report.spans import printable

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

COLUMNS = 100
"""Of a report where the terminal's width is unknown."""


def printed(text: str) -> str:
    """Return lines for a terminal, without the characters of a stranger's text that hide, reorder or steer."""
    return "\n".join(map(printable, text.split("\n")))


def tell(text: str) -> None:
    """Say something on standard error."""
    print(printed(text), file=sys.stderr)


def write_whole(path: Path, text: str) -> None:
    """Write a file through a temporary one beside it, so that a reader sees the old or the new, never a part.

    Raises:
        DiagnoseError: the folder is missing or not writable.
    """
    import tempfile  # noqa: PLC0415 - most reports are printed

    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be written ({error.strerror}); choose another -o") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be written ({error.strerror}); choose another -o") from error
    finally:
        temporary.unlink(missing_ok=True)


def hand_over(report: Report, form: str, output: Path | None) -> None:
    """Print the report in the form asked for, or write it to a file."""
    terminal = sys.stdout.isatty() and output is None
    text = render(report, form, width=columns_of_terminal(COLUMNS), color=terminal and "NO_COLOR" not in os.environ)
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    else:
        write_whole(output, text if text.endswith("\n") else f"{text}\n")
        tell(f"wrote {output}")


def exit_status(report: Report, fail_on: str) -> int:
    """Return 1 if a finding is at or above the level, else 0."""
    return int(reaches((finding.severity for finding in report.findings), fail_on))


def reaches(severities: Iterable[Severity], fail_on: str) -> bool:
    """Return whether any is at or above the level of --fail-on."""
    return fail_on != NEVER and any(severity.rank <= Severity(fail_on).rank for severity in severities)


def refuse_inside(output: Path | None, run_dir: Path) -> None:
    """Refuse an output file in the run folder, which is never written to.

    Raises:
        DiagnoseError: the output would lie inside the run folder.
    """
    if output is not None and _real(output).is_relative_to(_real(run_dir)):
        raise DiagnoseError(f"{output}: lies in the run folder, which is never written to; choose another -o")


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve, it takes a ring of links for what it is
