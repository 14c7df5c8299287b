"""`diagnose next RUN_DIR|CONFIG`: the config to start now, with the reasons for every change."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diagnose import api
from diagnose.cli.options import FORMATS, add_judging, settings_of
from diagnose.cli.output import hand_over, refuse_inside, write_whole
from diagnose.errors import DiagnoseError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("next", help="write the config for the next run")
    parser.add_argument("source", metavar="RUN_DIR|CONFIG", type=Path)
    parser.add_argument("-o", "--output", metavar="NEXT.yaml", type=Path, help="write the config there")
    parser.add_argument("--format", choices=FORMATS, help="print the report that explains the config instead of it")
    add_judging(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the next config; without -o and --format, print it."""
    if options.source.is_dir():
        refuse_inside(options.output, options.source)
    report = api.next_config(options.source, settings_of(options))
    text = report.next.config
    if text is None:
        raise DiagnoseError(f"{options.source}: no next config: {report.next.note}")
    for conflict in report.next.conflicts:
        print(f"diagnose: {conflict.path} is left as it is: the rules disagree about it", file=sys.stderr)
    if options.output is not None:
        write_whole(options.output, text)
        print(f"wrote {options.output} ({len(report.next.changes)} changes)", file=sys.stderr)
    if options.format is not None:
        hand_over(report, options.format, None)
    elif options.output is None:
        sys.stdout.write(text)
    return 0
