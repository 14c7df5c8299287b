"""The tables of measurements: what each column shows. Every figure comes measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from diagnose.report.blocks import Block, Table, heading, paragraph, table
from diagnose.report.spans import prose
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement
from diagnose.weights.modules import ModuleMeasurement


class Measured(NamedTuple):
    """One expert of one file, under the name to show for the file."""

    path: str
    file: FileMeasurement
    expert: ExpertMeasurement

    @property
    def modules(self) -> list[ModuleMeasurement]:
        """The modules as a person counts: block by block, what is outside the blocks last."""
        return sorted(self.expert.modules, key=lambda each: (each.block is None, each.block or 0, each.name))

    @property
    def title(self) -> str:
        """File and, if known, expert."""
        return self.path if self.expert.expert is None else f"{self.path} ({self.expert.expert} noise)"


Cells: TypeAlias = "Mapping[str, Callable[[Any], str]]"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def _spike(gap: float | None, rank_one: Sequence[str]) -> str:
    """Show how many times the second singular value the first is; nothing where there is no update or no second one."""
    return "rank 1" if rank_one else "" if gap is None else f"{gap:.3g}"


SUMMARY: Mapping[str, Callable[[Measured], str]] = {
    "file": lambda each: each.path,
    "step": lambda each: "" if each.file.step is None else str(each.file.step),
    "expert": lambda each: each.expert.expert or "unknown",
    "magnitude": lambda each: _number(each.expert.magnitude),
    "learned": lambda each: _number(each.expert.learned_magnitude),
    "down": lambda each: _number(each.expert.magnitude_down),
    "up": lambda each: _number(each.expert.magnitude_up),
    "update norm": lambda each: _number(each.expert.update_norm),
    "spectral norm": lambda each: _number(each.expert.spectral_norm),
    "stable rank": lambda each: _number(each.expert.stable_rank),
    "spike": lambda each: _spike(each.expert.spectral_gap, each.expert.rank_one_modules),
    "not finite": lambda each: str(each.expert.entries.non_finite),
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
    "spike": lambda each: _spike(each.spectral_gap, [each.name] if each.rank_one else []),
    "not finite": lambda each: str(each.entries.non_finite),
    "dead": lambda each: "dead" if each.dead else "",
}
LEGEND = (
    "magnitude: mean |w| over both factors; learned: magnitude above an untrained LoRA of these shapes; "
    "update: scale x up x down; stable rank: median over modules; spike: first over second singular value, the largest "
    "of any module, or rank 1; dead: modules whose up factor is zero"
)


WIDE = 150
"""Columns that the table of the files takes."""


def tables(measured: Sequence[Measured], *, per_module: bool, columns: int | None = None) -> list[list[Block]]:
    """Return one table of the files, and one per file and expert of the modules.

    Where there are too few columns for the first, the figures of each file come below its name.
    """
    if columns is None or columns >= WIDE:
        groups: list[list[Block]] = [[_table(SUMMARY, measured), paragraph(f"{LEGEND}.")]]
    else:
        groups = [[heading(2, prose(each.path)), _figures(each)] for each in measured]
        groups.append([paragraph(f"{LEGEND}.")])
    if per_module:
        groups += [[heading(2, prose(each.title)), _table(PER_MODULE, each.modules)] for each in measured]
    return groups


def _figures(each: Measured) -> Block:
    named = ((name, cell(each)) for name, cell in list(SUMMARY.items())[1:])
    return paragraph(", ".join(f"{name} {figure}" for name, figure in named if figure))


def _table(columns: Cells, rows: Sequence[object]) -> Table:
    return table(tuple(columns), [[prose(cell(row)) for cell in columns.values()] for row in rows], numbers_from=1)
