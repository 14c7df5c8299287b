"""Handing a result over: in which format, to standard output, to a file, or to the browser."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.main import EXIT_FOUND
from diagnose.cli.messages import tell, warn
from diagnose.cli.output_file import check_output, write_marked
from diagnose.cli.streams import columns_of_terminal, put_utf8
from diagnose.core.errors import DiagnoseError
from diagnose.report.formats import ENDINGS

if TYPE_CHECKING:
    from diagnose.report.blocks import Block
    from diagnose.verdict.report import Report

COLUMNS = 100
"""Of a report where the terminal's width is unknown."""
WIDEST = 1000
"""No more columns are filled, whatever COLUMNS says: memory grows with them."""
_FOR_PROGRAMS = {"json", "sarif", "html", "yaml", "csv"}
"""Formats that are UTF-8 wherever they go."""


def chosen_format(options: argparse.Namespace) -> str:
    """Return the format: as asked for, by the file's ending, else the command's own, else what fits where it goes.

    Raises:
        DiagnoseError: ending and --format contradict each other, or the ending is of no format.
    """
    form: str | None = options.format
    output: Path | None = options.output
    if options.open:
        if form not in {None, "html"}:
            raise DiagnoseError(f"--open shows HTML in the browser, and --format {form} is none; leave one of them out")
        form = "html"
    if output is None:
        return form or getattr(options, "format_otherwise", None) or ("terminal" if sys.stdout.isatty() else "markdown")
    ending = output.suffix.lower()
    meant = ENDINGS.get(ending)
    if form is not None and meant is not None and form != meant:
        raise DiagnoseError(f"-o {output}: the ending means {meant}, but {form} is asked for; change one of the two")
    if form is None and meant is None and ending and not output.exists():
        raise DiagnoseError(f"-o {output}: no format ends in {ending}; use {', '.join(ENDINGS)}, or add --format")
    return form or meant or "markdown"


def prepare_output(options: argparse.Namespace, inputs: Iterable[Path | None]) -> str:
    """Return the format, once it is sure that the result may be written where the user says.

    Raises:
        DiagnoseError: as for `chosen_format` and `check_output`.
    """
    form = chosen_format(options)
    options.known = {}
    if options.baseline is not None:
        from diagnose.verdict.gate import read_baseline  # noqa: PLC0415 - few have one

        options.known = read_baseline(options.baseline)
    if options.output is not None:
        own = [*inputs, *options.rules, getattr(options, "dataset", None), options.baseline]
        check_output(options.output, inputs=own, force=options.force)
    return form


def hand_over(report: Report, form: str, options: argparse.Namespace) -> None:
    """Print the report in a format, or write it to the file and open it, as the options say."""
    from diagnose.report.formats import render  # noqa: PLC0415 - the front door renders nothing

    output: Path | None = options.output
    if output is None and options.open:
        output = _page_of(report.run.name)
    terminal = output is None and sys.stdout.isatty()
    color = terminal and "NO_COLOR" not in os.environ
    deliver(render(report, form, width=width(), color=color, full=options.full), form, output)
    if options.open and output is not None:
        _open(output)


def deliver(text: str, form: str, output: Path | None) -> None:
    """Print a text of some format, or write it to a file."""
    if output is not None:
        write_marked(output, text, form)
        tell(f"wrote {output}")
    elif form in _FOR_PROGRAMS:
        put_utf8(text if text.endswith("\n") else f"{text}\n")
    else:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def deliver_blocks(groups: Sequence[Sequence[Block]], form: str, output: Path | None, wide: int | None = None) -> None:
    """Print groups of blocks as Markdown or for a terminal; `wide` columns where nobody sees them."""
    if form == "markdown":
        from diagnose.report.views.markdown import markdown  # noqa: PLC0415 - one of two

        deliver(markdown([block for group in groups for block in group]), form, output)
        return
    from diagnose.report.views.terminal import terminal  # noqa: PLC0415 - loads rich

    seen = output is None and sys.stdout.isatty()
    columns = wide if wide is not None and not seen else width()
    deliver(terminal(groups, width=columns, color=seen and "NO_COLOR" not in os.environ), form, output)


def width() -> int:
    """Return the columns to fill."""
    return min(columns_of_terminal(COLUMNS), WIDEST)


def _page_of(name: str) -> Path:
    """Return where a page lies that nobody gave a place: in a new folder of its own, for the user alone."""
    import tempfile  # noqa: PLC0415 - for --open alone

    plain = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "_" for each in name)
    return Path(tempfile.mkdtemp(prefix="diagnose-")) / f"{plain[:80] or 'report'}.html"


def _open(page: Path) -> None:
    import webbrowser  # noqa: PLC0415 - for --open alone

    if not webbrowser.open(page.resolve().as_uri()):
        warn(f"diagnose: no browser starts here; open {page} yourself")


def exit_status(report: Report, options: argparse.Namespace) -> int:
    """Return 1 if a finding stops the launch, and say which; else 0."""
    from diagnose.verdict.gate import Gate  # noqa: PLC0415 - the front door judges nothing

    gate = Gate(options.fail_on, options.min_confidence, options.known)
    outcome = gate.opened(report)
    if not outcome.stopping:
        return 0
    warn(f"diagnose: {report.run.name}: exit status {EXIT_FOUND} for {outcome.words} (--fail-on {options.fail_on})")
    return EXIT_FOUND
