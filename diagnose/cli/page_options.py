"""What only the HTML page has: pictures of the previews, and its copy in the trainer's own interface."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.messages import tell
from diagnose.cli.output_file import check_output, write_marked
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

TAB = "plugin.html"
"""The file in a job's folder that ai-toolkit's interface shows in the job's *Plugin* tab."""


def add_page(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of the page of a run."""
    group = parser.add_argument_group("the HTML page")
    group.add_argument(
        "--previews",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show the run's previews in it; default: a few, and none where they make it large",
    )
    group.add_argument(
        "--ui-tab",
        action="store_true",
        help=f"write it as {TAB} into the run's folder too: ai-toolkit's interface shows it in the job's Plugin tab",
    )


def with_previews(report: Report, options: argparse.Namespace) -> Report:
    """Return the report of a run with what its page shows of the previews."""
    from diagnose.verdict.film import with_film  # noqa: PLC0415 - for the page alone

    return with_film(report, Path(report.run.path), asked=getattr(options, "previews", None))


def check_tab(run_dir: Path, options: argparse.Namespace) -> None:
    """Refuse a tab that cannot be written, before the minutes of work.

    Raises:
        DiagnoseError: the run is no folder, or a file of that name is there that we did not write.
    """
    if not getattr(options, "ui_tab", False):
        return
    if not is_folder(run_dir):
        raise DiagnoseError(f"{run_dir}: --ui-tab needs the run's folder; give the folder")
    if (run_dir / TAB).is_symlink():
        raise DiagnoseError(f"{run_dir / TAB}: is a link and is not followed; remove it first")
    check_output(run_dir / TAB, inputs=(), force=options.force)


def write_tab(report: Report, options: argparse.Namespace) -> None:
    """Write the page into the run's folder, whole or not at all, where that is asked for.

    Raises:
        DiagnoseError: it cannot be written.
    """
    run_dir = Path(report.run.path)
    if getattr(options, "ui_tab", False):
        from diagnose.report.formats import render  # noqa: PLC0415 - as above

        write_marked(run_dir / TAB, render(with_previews(report, options), "html"), "html")
        tell(f"wrote {run_dir / TAB}: open the job's Plugin tab in ai-toolkit's interface")
