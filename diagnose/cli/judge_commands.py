"""`diagnose postmortem RUN_DIR`, `preflight CONFIG` and `demo [DIR]`: judge a run or a config and report."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagnose.cli.measuring import follow_with_progress
from diagnose.cli.options import NEVER, add_dataset, add_judging, add_output, settings_of
from diagnose.cli.output import exit_status, hand_over, refuse_inside, tell
from diagnose.core.paths import is_regular
from diagnose.core.values import Severity

CASES = ("run-v15", "run-v17")


def add_postmortem(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `postmortem`."""
    parser.add_argument("run_dir", metavar="RUN_DIR", type=Path)
    parser.add_argument("--config", metavar="FILE", type=Path, help="the config, if it is not in the folder")
    parser.add_argument("--log", metavar="FILE", type=Path, help="the log, if it is not in the folder")
    add_dataset(parser, "default: it is not looked at")
    add_judging(parser)
    add_output(parser, default_format="markdown", fail_on=NEVER)
    parser.set_defaults(run=postmortem)


def postmortem(options: argparse.Namespace) -> int:
    """Judge a finished, dead or running run from its folder."""
    from diagnose import api  # noqa: PLC0415 - asking for help does not wait for it

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


def add_preflight(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `preflight`."""
    parser.add_argument("config", metavar="CONFIG", type=Path)
    add_dataset(parser, "default: the config's own, if it is on this machine")
    add_judging(parser)
    add_output(parser, default_format="markdown", fail_on=Severity.BLOCKER.value)
    parser.set_defaults(run=preflight)


def preflight(options: argparse.Namespace) -> int:
    """Check a config before a day of GPU is spent on it; the exit status gates a launch."""
    from diagnose import api  # noqa: PLC0415 - as above

    report = api.preflight(options.config, settings_of(options))
    hand_over(report, options.format, options.output)
    return exit_status(report, options.fail_on)


def add_demo(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.add_argument("dir", metavar="DIR", type=Path, nargs="?", help="default: the case's name")
    parser.add_argument("--case", choices=CASES, default=CASES[0], help="the failed run, or its healthy successor")
    add_judging(parser)
    add_output(parser, default_format="terminal", fail_on=NEVER)
    parser.set_defaults(run=demo)


def demo(options: argparse.Namespace) -> int:
    """Write a complete example run, unless it is there already, and judge it as any other run."""
    from diagnose import api  # noqa: PLC0415 - as above
    from diagnose.demo.writer import write_demo  # noqa: PLC0415 - only this command writes tensors

    target: Path = options.dir if options.dir is not None else Path(options.case)
    refuse_inside(options.output, target)
    if is_regular(target / "config.yaml"):
        tell(f"{target} is there already; diagnosing it as it is")
    else:
        write_demo(options.case, target)
        tell(f"wrote {target}")
    report = api.postmortem(target, settings_of(options), measure=follow_with_progress)
    hand_over(report, options.format, options.output)
    return exit_status(report, options.fail_on)
