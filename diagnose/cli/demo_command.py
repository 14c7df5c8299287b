"""`diagnose demo [DIR]`: write a complete example run and judge it as any other run."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagnose.cli.judge_commands import judge_run, judged
from diagnose.cli.messages import tell
from diagnose.cli.options import add_judging, add_output
from diagnose.cli.output import prepare_output
from diagnose.cli.progress import working
from diagnose.core.paths import is_regular
from diagnose.core.values import NEVER

CASES = ("run-v15", "run-v17")


def add_demo(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.add_argument("dir", metavar="DIR", type=Path, nargs="?", help="default: the case's name")
    parser.add_argument("--case", choices=CASES, default=CASES[0], help="the failed run, or its healthy successor")
    add_judging(parser)
    add_output(parser, fail_on=NEVER, otherwise="terminal")
    parser.set_defaults(run=demo)


def demo(options: argparse.Namespace) -> int:
    """Write the example run, unless it is there already, and judge it."""
    target: Path = options.dir if options.dir is not None else Path(options.case)
    form = prepare_output(options, [target])
    if is_regular(target / "config.yaml"):
        tell(f"{target} is there already; diagnosing it as it is")
    else:
        from diagnose.demo.writer import write_demo  # noqa: PLC0415 - only this command writes tensors

        with working("writing the example run"):
            write_demo(options.case, target)
        tell(f"wrote {target}")
    return judged(options, form, lambda: judge_run(target, options))
