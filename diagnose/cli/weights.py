"""`diagnose weights FILE|RUN_DIR ...`: the checkpoint statistics by themselves, no judgement."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from diagnose.cli.measuring import measure_with_progress
from diagnose.cli.weights_json import report_json
from diagnose.cli.weights_views import Measured, markdown_text
from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Remark
from diagnose.core.paths import is_folder
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint, read_checkpoints
from diagnose.trainers.aitoolkit.run_files import discover


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("weights", help="measure LoRA checkpoints: magnitude, learned part, update norm")
    parser.add_argument("targets", metavar="FILE|RUN_DIR", type=Path, nargs="+", help="a .safetensors file, or a run")
    parser.add_argument("--per-module", action="store_true", help="also show every module by itself")
    parser.add_argument("--format", choices=("terminal", "json", "markdown"), default="terminal")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure the targets and print them; what is skipped is named on standard error.

    Raises:
        DiagnoseError: a named file cannot be measured, or the folders hold nothing that can.
    """
    checkpoints, remarks = _checkpoints(options.targets)
    measured: list[Measured] = []
    for checkpoint, measurement in zip(checkpoints, measure_with_progress(checkpoints), strict=True):
        if measurement.remarks and checkpoint.path in options.targets:
            raise DiagnoseError(measurement.remarks[0].text)
        remarks += measurement.remarks
        name = checkpoint.file if len(options.targets) == 1 else checkpoint.path.as_posix()
        measured += [Measured(name, measurement, expert) for expert in measurement.experts]
    for remark in remarks:
        print(f"skipped: {remark.text}", file=sys.stderr)
    if not measured:
        raise DiagnoseError(f"{options.targets[0]}: no checkpoint that can be measured; give a LoRA .safetensors file")
    _show(measured, remarks, options)
    return 0


def _checkpoints(targets: Sequence[Path]) -> tuple[tuple[CheckpointFile, ...], tuple[Remark, ...]]:
    """Read every header: of the files as they are named, and of each run's checkpoints by step."""
    checkpoints: tuple[CheckpointFile, ...] = ()
    remarks: tuple[Remark, ...] = ()
    for target in targets:
        if is_folder(target):
            found, unreadable = read_checkpoints(discover(target).checkpoints, run_dir=target)
            checkpoints += found
            remarks += unreadable
        else:
            checkpoints += (read_checkpoint(target, run_dir=Path()),)
    return checkpoints, remarks


def _show(measured: Sequence[Measured], remarks: Sequence[Remark], options: argparse.Namespace) -> None:
    if options.format == "json":
        print(report_json(measured, remarks, per_module=options.per_module))
    elif options.format == "markdown":
        print(markdown_text(measured, per_module=options.per_module))
    else:
        from diagnose.cli.weights_terminal import print_tables  # noqa: PLC0415 - loads rich

        print_tables(measured, per_module=options.per_module)
