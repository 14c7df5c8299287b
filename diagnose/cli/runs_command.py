"""`diagnose runs FOLDER [--all]` and several paths: a line for each run or config, the worst first."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.judge_commands import inputs_of, judge_config, judge_run
from diagnose.cli.main import EXIT_USER
from diagnose.cli.messages import tell, warn
from diagnose.cli.options import add_dataset, add_gate, add_judging, add_place
from diagnose.cli.output import deliver, deliver_blocks, exit_status, prepare_output
from diagnose.cli.progress import working
from diagnose.cli.targets import Target, existing, runs_in, target_of
from diagnose.core.activity import doing
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import NEVER

if TYPE_CHECKING:
    from diagnose.report.sections.many_runs import Row

RUNNING = 600.0
"""Seconds since the last write in which a run without an end is taken to be going."""
_FORMATS = ("json", "markdown", "terminal")


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `runs`."""
    what = "a folder of runs; or several runs and configs"
    parser.add_argument("paths", metavar="FOLDER|RUN_DIR|CONFIG", type=Path, nargs="+", help=what)
    parser.add_argument("--all", action="store_true", help="judge every run in the folder")
    add_dataset(parser, "for all of them")
    add_judging(parser)
    group = parser.add_argument_group("output")
    group.add_argument("--format", choices=_FORMATS, help="default: terminal on a terminal, else markdown")
    add_place(group, "write there instead of standard output")
    add_gate(parser, NEVER)
    parser.set_defaults(run=runs, open=False)


def runs(options: argparse.Namespace) -> int:
    """List the runs in a folder, or judge all that is given.

    Raises:
        DiagnoseError: there is no run in the folder.
    """
    found = [
        inside
        for path in map(existing, options.paths)
        for inside in (runs_in(path) if target_of(path) is Target.RUNS else [path])
    ]
    if options.all or len(options.paths) > 1:
        return judge_several(found, options)
    if found == options.paths:
        raise DiagnoseError(f"{found[0]}: no folder of runs; diagnose {found[0]} judges it")
    form = _format(options, found)
    with working("looking at the runs"):
        rows = [_glance(path, index, len(found)) for index, path in enumerate(found)]
    _show(rows, form, options)
    one, all_ = (shlex.join(["diagnose", str(path)]) for path in (rows[0].path, options.paths[0]))
    tell(f"{one} judges one of them; {all_} --all judges all")
    return 0


def judge_several(paths: Sequence[Path], options: argparse.Namespace) -> int:
    """Judge each path as what it is, show a line each, worst first, and return the gravest exit status."""
    form = _format(options, paths)
    status, rows = 0, []
    with working("judging"):
        for index, path in enumerate(paths):
            doing(f"judging {path}", index + 1, len(paths))
            row = _judged(path, options)
            rows.append(row)
            if row.report is not None:
                status = max(status, exit_status(row.report, options))
            else:
                warn(f"diagnose: {row.fault}")
                status = EXIT_USER
    _show(rows, form, options)
    return status


def _judged(path: Path, options: argparse.Namespace) -> Row:
    from diagnose.report.sections.many_runs import Row  # noqa: PLC0415 - asking for help does not wait for it

    try:
        target = target_of(existing(path))
        if target is Target.CHECKPOINT:
            return Row(path, fault=f"{path}: a checkpoint, which is measured and not judged; diagnose {path}")
        report = judge_config(path, options) if target is Target.CONFIG else judge_run(path, options)
    except DiagnoseError as error:
        return Row(path, fault=str(error))
    run = report.run
    return Row(path, run.steps_trained, run.steps_configured, run.ended, report=report)


def _glance(path: Path, index: int, total: int) -> Row:
    """Return what can be said of a run without measuring its weights."""
    from diagnose.inputs import facts_at_a_glance  # noqa: PLC0415 - as above
    from diagnose.report.sections.many_runs import Row  # noqa: PLC0415 - as above

    doing("looking at the runs", index + 1, total)
    age = _age(path)
    try:
        known = facts_at_a_glance(path)
    except DiagnoseError as error:
        return Row(path, age=age, state=f"cannot be read: {error}")
    training = known.training
    going = known.evidence.ending.open and age is not None and age < RUNNING
    state = "running" if going else training.ended
    return Row(path, training.steps_trained, training.steps_configured, state, age)


def _age(folder: Path) -> float | None:
    """Return the seconds since the newest file of a run was written."""
    newest = 0.0
    with suppress(OSError):  # a file that goes while we look
        for each in os.scandir(folder):
            newest = max(newest, each.stat(follow_symlinks=False).st_mtime)
    return max(0.0, time.time() - newest) if newest else None


def _format(options: argparse.Namespace, paths: Sequence[Path]) -> str:
    form = prepare_output(options, (each for path in paths for each in inputs_of(path)))
    if form not in _FORMATS:
        raise DiagnoseError(f"{form} shows one run; give one path, or choose from {', '.join(_FORMATS)}")
    return form


def _show(rows: list[Row], form: str, options: argparse.Namespace) -> None:
    from diagnose.report.sections.many_runs import in_order, many_runs, many_runs_document  # noqa: PLC0415 - as above

    rows[:] = in_order(rows)
    if form == "json":
        deliver(json.dumps(many_runs_document(rows), indent=2), form, options.output)
    else:
        deliver_blocks([[each] for each in many_runs(rows)], form, options.output)
