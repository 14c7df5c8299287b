"""`diagnose preflight CONFIG`: check a config before a day of GPU is spent on it; the exit status gates a launch."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagnose import api
from diagnose.cli.options import FORMATS, add_dataset, add_judging, add_output, settings_of
from diagnose.cli.output import exit_status, hand_over
from diagnose.core.model import Severity


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("preflight", help="check a config, and its data set, before it is run")
    parser.add_argument("config", metavar="CONFIG", type=Path)
    add_dataset(parser, "default: the config's own, if it is on this machine")
    add_judging(parser)
    add_output(parser, default_format="markdown", fail_on=Severity.BLOCKER.value, formats=(*FORMATS, "sarif"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the config and hand over the report."""
    report = api.preflight(options.config, settings_of(options))
    hand_over(report, options.format, options.output)
    return exit_status(report, options.fail_on)
