"""`diagnose log FILE|- ...`: judge a run by nothing but its console, whole or in part, pasted or in a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.judge_commands import judged
from diagnose.cli.messages import tell
from diagnose.cli.options import add_judging, add_output, settings_of
from diagnose.cli.output import prepare_output
from diagnose.cli.targets import STDIN, existing, leaves_more, piped
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import NEVER

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

_USE = """examples:
  diagnose log nohup.out                        what ended the run, how far it got, what to do
  diagnose log first.log second.log             two starts of one run, the earliest first
  python run.py my.yaml 2>&1 | tee run.log      keep the console of the next run
  xclip -o | diagnose log -                     the text that you have just copied (macOS: pbpaste)
  docker logs trainer 2>&1 | diagnose log -     the console of a container

A part of the console will do, as it was copied: quoted, fenced, with line numbers or time stamps. Where the run's
folder is here, diagnose RUN_DIR says more: it also reads the config, the log of each step and the checkpoints.
"""


def add_log(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `log`."""
    parser.epilog = _USE
    parser.add_argument(
        "paths",
        metavar="FILE",
        type=Path,
        nargs="*",
        help="what the trainer printed; several of one run, the earliest first; - or none: standard input",
    )
    add_judging(parser)
    add_output(parser, fail_on=NEVER)
    parser.set_defaults(run=log)


def log(options: argparse.Namespace) -> int:
    """Judge what the trainer printed, by itself.

    Raises:
        DiagnoseError: it cannot be read, or is no console of a training.
    """
    paths = [existing(path) for path in options.paths or [STDIN]]
    if len(paths) > 1 and STDIN in paths:
        raise DiagnoseError("standard input goes by itself; give files, or - alone")
    form = prepare_output(options, [path for path in paths if path != STDIN])
    more = next((path.parent for path in paths if path != STDIN and leaves_more(path.parent)), None)
    if more is not None:
        tell(f"judged by the console alone; diagnose postmortem {more} also reads the run's other files")
    given = [piped("console", "diagnose log - < run.log") if path == STDIN else path for path in paths]
    return judged(options, form, lambda: _judge(given, options))


def _judge(given: list[Path | bytes], options: argparse.Namespace) -> Report:
    from diagnose import api  # noqa: PLC0415 - asking for help does not wait for it

    return api.console(*given, settings=settings_of(options))
