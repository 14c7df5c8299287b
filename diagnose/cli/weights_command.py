"""`diagnose weights FILE|RUN_DIR ...`: the checkpoint statistics by themselves, no judgement."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diagnose.cli.messages import tell
from diagnose.cli.output import deliver, deliver_blocks, width
from diagnose.cli.progress import follow_with_progress, measure_with_progress
from diagnose.cli.targets import existing
from diagnose.cli.weights_tables import Measured, tables
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder
from diagnose.core.values import Remark
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.location import Direction, Location, locate, record_directions
from diagnose.facts.weights.pairs import pair_up
from diagnose.report.sections.weight_growth import where_it_learned, which_way
from diagnose.rulebase.knowledge import Knowledge
from diagnose.settings import Settings, rule_base
from diagnose.sources.file_reader import Role, reader_for
from diagnose.sources.readings import CheckpointFile
from diagnose.sources.run_reading import read_checkpoints
from diagnose.trainers.rooms import run_readers
from diagnose.weights.measurement import RunWeights
from diagnose.weights.modules import ModuleMeasurement

_PLAIN_WIDTH = 240
"""Columns where the output is no terminal."""
_ENTRIES = ("magnitude", "rms", "max", "non_finite", "zeros")
_NORMS = ("update_norm", "spectral_norm", "stable_rank", "effective_rank", "spectral_gap")


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `weights`."""
    parser.add_argument("targets", metavar="FILE|RUN_DIR", type=Path, nargs="+", help="a .safetensors file, or a run")
    parser.add_argument("--per-module", action="store_true", help="also show every module by itself")
    parser.add_argument("--where", action="store_true", help="also show where in the network it learned, and which way")
    parser.add_argument("--format", choices=("terminal", "json", "markdown"), default="terminal")
    parser.set_defaults(run=weights)


def weights(options: argparse.Namespace) -> int:
    """Measure the targets and print them; what is skipped is named on standard error.

    Raises:
        DiagnoseError: a named file cannot be measured, or the folders hold nothing that can.
    """
    checkpoints, remarks = _checkpoints([existing(target) for target in options.targets])
    found = follow_with_progress(checkpoints) if options.where else RunWeights(measure_with_progress(checkpoints))
    measured: list[Measured] = []
    for checkpoint, measurement in zip(checkpoints, found.files, strict=True):
        if measurement.remarks and checkpoint.path in options.targets:
            raise DiagnoseError(measurement.remarks[0].text)
        remarks += measurement.remarks
        name = checkpoint.file if len(options.targets) == 1 else checkpoint.path.as_posix()
        measured += [Measured(name, measurement, expert) for expert in measurement.experts]
    for remark in remarks:
        tell(f"skipped: {remark.text}")
    if not measured:
        raise DiagnoseError(f"{options.targets[0]}: no checkpoint that can be measured; give a LoRA .safetensors file")
    _show(measured, remarks, found, options)
    return 0


def _checkpoints(targets: Sequence[Path]) -> tuple[tuple[CheckpointFile, ...], tuple[Remark, ...]]:
    """Read every header: of the files as they are named, and of each run's checkpoints by step."""
    checkpoints: tuple[CheckpointFile, ...] = ()
    remarks: tuple[Remark, ...] = ()
    readers = run_readers()
    for target in targets:
        if is_folder(target):
            found, unreadable = read_checkpoints(target, readers)
            checkpoints += found
            remarks += unreadable
        else:
            checkpoints += (reader_for(target, readers, Role.CHECKPOINT).read(target, run_dir=Path()),)
    return checkpoints, remarks


def _show(
    measured: Sequence[Measured], remarks: Sequence[Remark], found: RunWeights, options: argparse.Namespace
) -> None:
    knowledge = rule_base(Settings()).knowledge if options.where else Knowledge()
    where = _where(found, knowledge) if options.where else None
    if options.format == "json":
        deliver(_json(measured, remarks, where, per_module=options.per_module), "json", None)
        return
    seen = sys.stdout.isatty() and options.format == "terminal"
    groups = tables(measured, per_module=options.per_module, columns=width() if seen else None)
    if where is not None:
        titles = knowledge.domain.titles
        groups += [where_it_learned(where[0], titles), which_way(where[1], titles)]
    deliver_blocks(groups, options.format, None, _PLAIN_WIDTH)


def _where(found: RunWeights, knowledge: Knowledge) -> tuple[tuple[Location, ...], tuple[Direction, ...]]:
    """Return where the last checkpoint of each expert learned, and which way its weights went."""
    record = Recorder(knowledge.facts)
    steps = [file.step for file in found.files if file.step is not None]
    finals = frozenset(file.file for file in found.files if file.step is None)
    pairs = pair_up(found.files, finals, max(steps, default=0))
    return locate(pairs, found.headings, record), record_directions(found.headings, record)


def _json(
    measured: Sequence[Measured],
    remarks: Sequence[Remark],
    where: tuple[tuple[Location, ...], tuple[Direction, ...]] | None,
    *,
    per_module: bool,
) -> str:
    """Return one JSON document; what is unknown is null. Thousands of modules come in one line, the rest indented."""
    document: dict[str, Any] = {
        "files": [_file_json(each, per_module=per_module) for each in measured],
        "skipped": [{"path": remark.place.file, "text": remark.text} for remark in remarks],
    }
    if where is not None:
        from diagnose.report.views.json import encoded  # noqa: PLC0415 - for this only

        document["where"] = {"locations": encoded(where[0]), "directions": encoded(where[1])}
    # With an indent, json works in Python instead of C: 0.13 s more for the modules of 8 files.
    return json.dumps(document, indent=None if per_module else 2, allow_nan=False)


def _file_json(each: Measured, *, per_module: bool) -> dict[str, Any]:
    expert = each.expert
    found: dict[str, Any] = {
        "path": each.path,
        "step": each.file.step,
        "expert": expert.expert,
        "tensors": 2 * len(expert.modules),
        "elements": expert.entries.count,
        **_of(expert, "magnitude_down", "magnitude_up", "untrained_magnitude", "learned_magnitude"),
        **_of(expert.entries, *_ENTRIES),
        **_of(expert, *_NORMS),
        **{name: list(getattr(expert, name)) for name in ("rank_one_modules", "dead_modules", "ranks", "dtypes")},
        "seconds": round(each.file.seconds, 4),
        "cached": each.file.cached,
    }
    if per_module:
        found["modules"] = [_module_json(module) for module in expert.modules]
    return found


def _module_json(module: ModuleMeasurement) -> dict[str, Any]:
    shape = _of(module, "name", "block", "kind", "rank", "fan_in", "fan_out", "scale", "magnitude_down", "magnitude_up")
    return shape | _of(module.entries, *_ENTRIES) | _of(module, *_NORMS)


def _of(value: object, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}
