"""`diagnose runs FOLDER [--all]` and several paths: a line for each run or config, the worst first."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from diagnose.cli.judge_commands import inputs_of, judge_config, judge_run
from diagnose.cli.messages import tell, warn
from diagnose.cli.options import add_dataset, add_gate, add_judging, add_place
from diagnose.cli.output import EXIT_UNREAD, deliver, exit_status, prepare_output, width
from diagnose.cli.progress import working
from diagnose.cli.targets import Target, existing, runs_in, target_of
from diagnose.core.activity import doing
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import NEVER, Severity
from diagnose.report.blocks import Block, paragraph, table
from diagnose.report.figures import counted
from diagnose.report.spans import Line, Tone, code, prose, toned

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

SCHEMA = "diagnose/runs/1"
RUNNING = 600.0
"""Seconds since the last write in which a run without an end is taken to be going."""
_FORMATS = ("json", "markdown", "terminal")
_ORDER = ("blocked", "failing", "attention", "healthy", "not judged")
_TONES = {"healthy": Tone.GOOD, "attention": Tone.MILD, "failing": Tone.BAD, "blocked": Tone.BAD}


class Row(NamedTuple):
    """A run or a config in a line."""

    path: Path
    trained: int | None = None
    configured: int | None = None
    state: str = ""
    age: float | None = None
    """Seconds since its newest file was written."""
    report: Report | None = None
    fault: str = ""
    """Why it was not judged, if that was asked for."""

    @property
    def steps(self) -> str:
        """How many steps were trained, of how many."""
        return " of ".join(str(each) for each in (self.trained, self.configured) if each is not None)

    @property
    def status(self) -> str:
        """The verdict in a word."""
        return self.report.verdict.status.value if self.report is not None else _ORDER[-1]

    @property
    def grave(self) -> Counter[str]:
        """How many findings there are of each severity."""
        return Counter(each.severity.value for each in self.report.findings) if self.report is not None else Counter()


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
    rows.sort(key=lambda row: (row.age is None, row.age))
    _show(rows, form, options)
    tell(f"diagnose {found[0]} judges one of them; diagnose {options.paths[0]} --all judges all")
    return 0


def judge_several(paths: Sequence[Path], options: argparse.Namespace) -> int:
    """Judge each path as what it is, show a line each, worst first, and return the gravest exit status."""
    form = _format(options, paths)
    status, rows = 0, []
    with working("judging"):
        for index, path in enumerate(paths):
            doing(f"judging {path}", index + 1, len(paths))
            row = _judged(path, index, options)
            rows.append(row)
            if row.report is not None:
                status = max(status, exit_status(row.report, options))
            else:
                warn(f"diagnose: {row.fault}")
                status = EXIT_UNREAD
    rows.sort(key=lambda row: _ORDER.index(row.status))
    _show(rows, form, options)
    return status


def _judged(path: Path, index: int, options: argparse.Namespace) -> Row:
    try:
        target = target_of(existing(path))
        if target is Target.CHECKPOINT:
            return Row(path, fault=f"{path}: a checkpoint, which is measured and not judged; diagnose {path}")
        report = judge_config(path, options) if target is Target.CONFIG else judge_run(path, options)
    except DiagnoseError as error:
        return Row(path, fault=str(error))
    if target is Target.RUN:
        return _glance(path, index, 0)._replace(report=report)
    return Row(path, configured=report.run.steps_configured, report=report)


def _glance(path: Path, index: int, total: int) -> Row:
    """Return what can be said of a run without measuring its weights."""
    from diagnose.inputs import facts_of, run_inputs  # noqa: PLC0415 - asking for help does not wait for it
    from diagnose.weights.measurement import RunWeights  # noqa: PLC0415 - as above

    if total:
        doing("looking at the runs", index + 1, total)
    age = _age(path)
    try:
        known = facts_of(run_inputs(path, None, measure=lambda _: RunWeights()))
    except DiagnoseError as error:
        return Row(path, age=age, fault=str(error))
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


def _format(options: argparse.Namespace, paths: Iterable[Path]) -> str:
    form = prepare_output(options, (each for path in paths for each in inputs_of(path)))
    if form not in _FORMATS:
        raise DiagnoseError(f"{form} shows one run; give one path, or choose from {', '.join(_FORMATS)}")
    return form


def _show(rows: Sequence[Row], form: str, options: argparse.Namespace) -> None:
    if form == "json":
        document = {"schema": SCHEMA, "runs": [_record(row) for row in rows]}
        deliver(json.dumps(document, indent=2), form, options.output)
        return
    blocks = _table(rows)
    if form == "markdown":
        from diagnose.report.views.markdown import markdown  # noqa: PLC0415 - one of two

        deliver(markdown(blocks), form, options.output)
        return
    from diagnose.report.views.terminal import terminal  # noqa: PLC0415 - loads rich

    seen = options.output is None and sys.stdout.isatty()
    text = terminal([[each] for each in blocks], width=width(), color=seen and "NO_COLOR" not in os.environ)
    deliver(text, form, options.output)


def _table(rows: Sequence[Row]) -> list[Block]:
    judged = any(row.report is not None or row.fault for row in rows)
    title = f"{counted(len(rows), 'run', 'runs')}, {'the worst' if judged else 'the newest'} first"
    if not judged:
        cells = [(code(str(row.path)), row.steps, prose(row.state), _aged(row.age)) for row in rows]
        return [paragraph(title), table(("run", "steps", "state", "last write"), cells)]
    found = [
        (
            toned(_TONES.get(row.status, Tone.NONE), row.status),
            code(str(row.path)),
            row.steps,
            _worst(row),
            _headline(row),
        )
        for row in rows
    ]
    return [paragraph(title), table(("verdict", "run", "steps", "findings", "first of all"), found)]


def _headline(row: Row) -> Line:
    return prose(row.report.verdict.headline if row.report is not None else row.fault)


def _worst(row: Row) -> str:
    grave = [each.value for each in Severity if each.rank < Severity.INFO.rank]
    return ", ".join(f"{row.grave[name]} {name}" for name in grave if row.grave[name])


def _aged(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def _record(row: Row) -> dict[str, Any]:
    report = row.report
    return {
        "path": row.path.as_posix(),
        "name": report.run.name if report is not None else row.path.name,
        "status": row.status if report is not None else None,
        "headline": report.verdict.headline if report is not None else None,
        "findings": dict(row.grave) if report is not None else None,
        "steps_trained": row.trained,
        "steps_configured": row.configured,
        "state": row.state or None,
        "age_seconds": None if row.age is None else round(row.age),
        "fault": row.fault or None,
    }
