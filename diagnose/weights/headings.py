"""Where a run's updates were heading: the cosine between consecutive changes of scale * up @ down, expert by expert.

A change U(n+1) - U(n) is never formed: its norm and its cosine with the one before follow from the inner products of
the updates themselves. A run of any length costs the comparisons of MOST_CHOSEN files per expert, and nothing the
second time.

What the cosine means. Changes that are a steady drift d plus independent noise e have the cosine d^2 / (d^2 + e^2):
1 for a steady course, 0 for one that wanders. Scatter around a point that is no longer left gives -1/2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot, sqrt
from typing import NamedTuple, TypeAlias

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place, Remark
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.instrument import Instrument
from diagnose.weights.lora_pairs import FORMATS, lora_pairs
from diagnose.weights.measurement import SPANS, FileMeasurement, Heading, evenly
from diagnose.weights.modules import ModuleMeasurement
from diagnose.weights.requests import Task

MOST_CHOSEN = 4
"""Saved steps that are compared, the last of those between the spans: five comparisons, each the work of a file."""
NORM_ERROR = 1e-5
"""Relative error of a norm (see `diagnose.weights.factors`)."""
SEEN_BITS = 10
"""Of the mantissa: the rounding of longer ones cannot be seen."""


class Products(NamedTuple):
    """The inner products of an update in two files: their overlap, and the Frobenius norms of the earlier and later."""

    overlap: float
    earlier: float
    later: float


Compared: TypeAlias = Mapping[str, Products | None]
"""Module -> its products in two files, None where a number is not finite; in the later file's order."""


def measure_headings(
    checkpoints: Sequence[CheckpointFile], files: Sequence[FileMeasurement], asked: Instrument
) -> tuple[tuple[Heading, ...], tuple[Remark, ...]]:
    """Return the course of every expert saved at three steps or more, and why others could not be followed.

    Args:
        checkpoints: the files; those whose measurement holds no expert are left out.
        files: their measurements.
        asked: reads the files of `comparisons`, as far as the cache does not know the answers.
    """
    measured = {file.file: _modules(file) for file in files if file.experts}
    remarks: list[Remark] = []
    whole = [each for each in checkpoints if each.file in measured]
    headings = [found for series in chosen(whole) for found in _headings(series, measured, asked, remarks)]
    return tuple(headings), tuple(remarks)


def chosen(checkpoints: Sequence[CheckpointFile]) -> list[list[CheckpointFile]]:
    """Return which files to compare, for each expert (or both, where one file holds both), in order of step.

    The last MOST_CHOSEN of the steps between SPANS spans; none where fewer than three are saved.
    """
    found = []
    for experts in sorted({each.experts for each in checkpoints if each.experts}, key=lambda held: (len(held), held)):
        by_step = {each.step: each for each in checkpoints if each.experts == experts and each.step is not None}
        steps = sorted(by_step)
        if steps[2:]:
            found.append([by_step[steps[index]] for index in evenly(len(steps), SPANS + 1)[-MOST_CHOSEN:]])
    return found


def comparisons(series: Sequence[CheckpointFile]) -> list[tuple[CheckpointFile, CheckpointFile]]:
    """Return the pairs of files whose updates' inner products are needed: neighbours, and next but one."""
    return [*pairwise(series), *zip(series, series[2:], strict=False)]


_Modules: TypeAlias = Mapping[tuple[str | None, str], ModuleMeasurement]


def _modules(file: FileMeasurement) -> _Modules:
    return {(each.expert, module.name): module for each in file.experts for module in each.modules}


def _headings(
    series: Sequence[CheckpointFile], measured: Mapping[str, _Modules], asked: Instrument, remarks: list[Remark]
) -> list[Heading]:
    """Return the course of each expert; none, and a remark, where the files do not compare."""
    try:
        found = {
            (old.file, new.file): compare(old, new, measured[old.file], measured[new.file], asked=asked)
            for old, new in comparisons(series)
        }
    except DiagnoseError as error:
        remarks.append(Remark(Place(series[-1].file), f"where the updates were heading is unknown: {error}"))
        return []
    last = found[series[-2].file, series[-1].file]
    return [
        _heading(expert, series, {files: each.get(expert, {}) for files, each in found.items()})
        for expert in last
        if expert is not None
    ]


def compare(
    earlier: CheckpointFile, later: CheckpointFile, first: _Modules, second: _Modules, *, asked: Instrument
) -> dict[str | None, Compared]:
    """Return expert -> the inner products of the modules that two files both have in one shape.

    `first` and `second` are the modules of `earlier` and of `later`, measured, by expert and name.

    Raises:
        DiagnoseError: they share no module, or cannot be read.
    """
    before = {(pair.expert, pair.name): pair for pair in lora_pairs(earlier)}
    pairs = [(before[key], pair) for pair in lora_pairs(later) if (key := (pair.expert, pair.name)) in before]
    pairs = [(old, new) for old, new in pairs if (old.fan_in, old.fan_out) == (new.fan_in, new.fan_out)]
    if not pairs:
        raise DiagnoseError(f"{later.file}: shares no module with {earlier.file}; compare files of one run")
    overlaps, _ = asked.ask(Task.OVERLAP, [earlier, later], pairs)
    found: dict[str | None, dict[str, Products | None]] = {}
    for (_, pair), overlap in zip(pairs, overlaps, strict=True):
        key = pair.expert, pair.name
        found.setdefault(pair.expert, {})[pair.name] = _products(first[key], second[key], overlap)
    return dict(found)


def _products(first: ModuleMeasurement, second: ModuleMeasurement, overlap: float | None) -> Products | None:
    """Put one module together; `overlap` comes without the scales."""
    if overlap is None or first.scale is None or second.scale is None:
        return None
    if first.update_norm is None or second.update_norm is None:
        return None
    return Products(overlap * first.scale * second.scale, first.update_norm, second.update_norm)


def together(modules: Compared) -> Products | None:
    """Return the products of all modules' updates as one; None where one is unknown or there is no module."""
    found = [products for products in modules.values() if products is not None]
    if not found or len(found) < len(modules):
        return None
    overlaps, earlier, later = zip(*found, strict=True)
    return Products(sum(overlaps), hypot(*earlier), hypot(*later))


def _heading(expert: str, series: Sequence[CheckpointFile], found: Mapping[tuple[str, str], Compared]) -> Heading:
    files = [each.file for each in series]
    whole = {key: together(modules) for key, modules in found.items()}
    lengths = [_length(whole[pair]) for pair in pairwise(files)]
    cosines = [
        _cosine(whole[a, b], whole[b, c], whole[a, c]) for a, b, c in zip(files, files[1:], files[2:], strict=False)
    ]
    last = files[-2], files[-1]
    return Heading(
        expert=expert,
        steps=tuple(each.step or 0 for each in series),
        files=tuple(files),
        lengths=tuple(lengths),
        cosines=tuple(cosines),
        floor=_floor(series[-2], whole[last], lengths[-2:]),
        last_change={name: _length(products) for name, products in found[last].items()},
    )


def _length(products: Products | None) -> float | None:
    """Return |later - earlier|; None where it is unknown, 0 where it is below the error of the norms."""
    if products is None:
        return None
    squares = products.earlier * products.earlier + products.later * products.later
    square = squares - 2 * products.overlap
    return sqrt(square) if square > 2 * NORM_ERROR * squares else 0.0


def _cosine(first: Products | None, second: Products | None, across: Products | None) -> float | None:
    """Return the cosine of (b - a) and (c - b), from the inner products of a, b and c."""
    lengths = _length(first), _length(second)
    if not lengths[0] or not lengths[1] or first is None or second is None or across is None:
        return None
    product = second.overlap - across.overlap - first.later**2 + first.overlap
    return max(-1.0, min(1.0, product / lengths[0] / lengths[1]))


def _floor(middle: CheckpointFile, last: Products | None, lengths: Sequence[float | None]) -> float | None:
    """Return by how much the rounding of the saved numbers lowers the cosine, at most about.

    Each factor adds noise of an even spread, share / sqrt(3), to a product whose norm is taken as the update's. That of
    the checkpoint in the middle is in both changes with opposite signs, and all of it lengthens them: as much again.
    """
    before, after = lengths
    if last is None or not before or not after:
        return None
    mantissas = [FORMATS[tensor.dtype].mantissa for tensor in middle.tensors]
    share = max((2.0 ** -(1 + bits) for bits in mantissas if bits <= SEEN_BITS), default=0.0)
    return 2 * 2 * (share * last.earlier) ** 2 / 3 / before / after
