"""Measurements as JSON, markdown or tables in the terminal. Formatting only; every figure comes measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from diagnose.model import Remark
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement, ModuleMeasurement

PLAIN_WIDTH = 200
"""Columns where the output is no terminal."""


class Measured(NamedTuple):
    """One expert of one file, under the name to show for the file."""

    path: str
    file: FileMeasurement
    expert: ExpertMeasurement

    @property
    def title(self) -> str:
        """File and, if known, expert."""
        return self.path if self.expert.expert is None else f"{self.path} ({self.expert.expert.value} noise)"


Cells: TypeAlias = "Mapping[str, Callable[[Any], str]]"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


SUMMARY: Mapping[str, Callable[[Measured], str]] = {
    "file": lambda each: each.path,
    "step": lambda each: "" if each.file.step is None else str(each.file.step),
    "expert": lambda each: "unknown" if each.expert.expert is None else each.expert.expert.value,
    "magnitude": lambda each: _number(each.expert.magnitude),
    "learned": lambda each: _number(each.expert.learned_magnitude),
    "down": lambda each: _number(each.expert.magnitude_down),
    "up": lambda each: _number(each.expert.magnitude_up),
    "update norm": lambda each: _number(each.expert.update_norm),
    "spectral norm": lambda each: _number(each.expert.spectral_norm),
    "stable rank": lambda each: _number(each.expert.stable_rank),
    "not finite": lambda each: str(each.expert.non_finite),
    "dead": lambda each: str(len(each.expert.dead_modules)),
}
PER_MODULE: Mapping[str, Callable[[ModuleMeasurement], str]] = {
    "module": lambda each: each.name,
    "rank": lambda each: str(each.rank),
    "magnitude": lambda each: _number(each.magnitude),
    "down": lambda each: _number(each.magnitude_down),
    "up": lambda each: _number(each.magnitude_up),
    "update norm": lambda each: _number(each.update_norm),
    "spectral norm": lambda each: _number(each.spectral_norm),
    "stable rank": lambda each: _number(each.stable_rank),
    "effective rank": lambda each: _number(each.effective_rank),
    "not finite": lambda each: str(each.non_finite),
}
LEGEND = (
    "magnitude: mean |w| over both factors; learned: magnitude above an untrained LoRA of these shapes; "
    "update: scale x up x down; stable rank: median over modules; dead: modules whose up factor is zero"
)


def report_json(measured: Sequence[Measured], remarks: Sequence[Remark], *, per_module: bool) -> str:
    """Return one JSON document; what is unknown is null."""
    document = {
        "files": [_file_json(each, per_module=per_module) for each in measured],
        "skipped": [{"path": remark.place.file, "text": remark.text} for remark in remarks],
    }
    return json.dumps(document, indent=2, allow_nan=False)


def markdown_text(measured: Sequence[Measured], *, per_module: bool) -> str:
    """Return one table of the files, and one per file and expert of the modules."""
    parts = [_markdown_table(SUMMARY, measured), f"{LEGEND}."]
    if per_module:
        for each in measured:
            parts += [f"## {_escaped(each.title)}", _markdown_table(PER_MODULE, each.expert.modules)]
    return "\n\n".join(parts)


def print_tables(measured: Sequence[Measured], *, per_module: bool) -> None:
    """Print the same tables for people. Names come from strangers, so markup in them is not interpreted."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    console.print(_table(SUMMARY, measured))
    console.print(LEGEND, style="dim")
    if per_module:
        for each in measured:
            console.print(f"\n{each.title}", style="bold")
            console.print(_table(PER_MODULE, each.expert.modules))


def _table(columns: Cells, rows: Sequence[object]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(row) for cell in columns.values()))
    return table


def _markdown_table(columns: Cells, rows: Sequence[object]) -> str:
    lines = [" | ".join(columns), " | ".join("---" if name == next(iter(columns)) else "---:" for name in columns)]
    lines += [" | ".join(_escaped(cell(row)) for cell in columns.values()) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _escaped(text: str) -> str:
    """Keep a stranger's file name from becoming markdown."""
    return "".join(f"\\{letter}" if letter in "|\\`*<>[]#" else letter for letter in text)


def _file_json(each: Measured, *, per_module: bool) -> dict[str, Any]:
    expert = each.expert
    found: dict[str, Any] = {
        "path": each.path,
        "step": each.file.step,
        "expert": None if expert.expert is None else expert.expert.value,
        "tensors": expert.tensors,
        "elements": expert.elements,
        "magnitude": expert.magnitude,
        "magnitude_down": expert.magnitude_down,
        "magnitude_up": expert.magnitude_up,
        "untrained_magnitude": expert.untrained_magnitude,
        "learned_magnitude": expert.learned_magnitude,
        "rms": expert.rms,
        "max": expert.max,
        "non_finite": expert.non_finite,
        "zeros": expert.zeros,
        "update_norm": expert.update_norm,
        "spectral_norm": expert.spectral_norm,
        "stable_rank": expert.stable_rank,
        "effective_rank": expert.effective_rank,
        "dead_modules": list(expert.dead_modules),
        "ranks": list(expert.ranks),
        "dtypes": list(expert.dtypes),
        "seconds": round(each.file.seconds, 4),
        "cached": each.file.cached,
    }
    if per_module:
        found["modules"] = [_module_json(module) for module in expert.modules]
    return found


def _module_json(module: ModuleMeasurement) -> dict[str, Any]:
    return {
        "name": module.name,
        "block": module.block,
        "kind": module.kind,
        "rank": module.rank,
        "fan_in": module.fan_in,
        "fan_out": module.fan_out,
        "scale": module.scale,
        "magnitude": module.magnitude,
        "magnitude_down": module.magnitude_down,
        "magnitude_up": module.magnitude_up,
        "rms": module.rms,
        "max": module.max,
        "non_finite": module.non_finite,
        "zeros": module.zeros,
        "update_norm": module.update_norm,
        "spectral_norm": module.spectral_norm,
        "stable_rank": module.stable_rank,
        "effective_rank": module.effective_rank,
        "spectral_gap": module.spectral_gap,
    }
