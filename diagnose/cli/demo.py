"""`diagnose demo [DIR]`: write a complete example run and diagnose it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diagnose import api
from diagnose.cli.measuring import follow_with_progress
from diagnose.cli.options import NEVER, add_judging, add_output, settings_of
from diagnose.cli.output import exit_status, hand_over, refuse_inside
from diagnose.core.paths import is_regular

CASES = ("run-v15", "run-v17")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("demo", help="write a complete example run and diagnose it")
    parser.add_argument("dir", metavar="DIR", type=Path, nargs="?", help="default: the case's name")
    parser.add_argument("--case", choices=CASES, default=CASES[0], help="the failed run, or its healthy successor")
    add_judging(parser)
    add_output(parser, default_format="terminal", fail_on=NEVER)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the example unless it is there already, and judge it as any other run."""
    from diagnose.demo.writer import write_demo  # noqa: PLC0415 - only this command writes tensors

    target: Path = options.dir if options.dir is not None else Path(options.case)
    refuse_inside(options.output, target)
    if is_regular(target / "config.yaml"):
        print(f"{target} is there already; diagnosing it as it is", file=sys.stderr)
    else:
        write_demo(options.case, target)
        print(f"wrote {target}", file=sys.stderr)
    report = api.postmortem(target, settings_of(options), measure=follow_with_progress)
    hand_over(report, options.format, options.output)
    return exit_status(report, options.fail_on)
