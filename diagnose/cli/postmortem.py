"""`diagnose postmortem RUN_DIR`: what happened in this run, how we know, and what to change."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagnose import api
from diagnose.cli.measuring import follow_with_progress
from diagnose.cli.options import NEVER, add_dataset, add_judging, add_output, settings_of
from diagnose.cli.output import exit_status, hand_over, refuse_inside


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("postmortem", help="judge a finished, dead or running run from its folder")
    parser.add_argument("run_dir", metavar="RUN_DIR", type=Path)
    parser.add_argument("--config", metavar="FILE", type=Path, help="the config, if it is not in the folder")
    parser.add_argument("--log", metavar="FILE", type=Path, help="the log, if it is not in the folder")
    add_dataset(parser, "default: it is not looked at")
    add_judging(parser)
    add_output(parser, default_format="markdown", fail_on=NEVER)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge the run and hand over the report."""
    refuse_inside(options.output, options.run_dir)
    report = api.postmortem(
        options.run_dir,
        settings_of(options),
        config=options.config,
        log=options.log,
        measure=follow_with_progress,
    )
    hand_over(report, options.format, options.output)
    return exit_status(report, options.fail_on)
