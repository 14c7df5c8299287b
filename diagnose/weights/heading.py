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
from math import sqrt

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.direction import ExpertDirection, ModuleDirection, update_directions
from diagnose.weights.measure import Progress
from diagnose.weights.processes import Processes, borrowed
from diagnose.weights.run_weights import SPANS, Heading, evenly

MOST_CHOSEN = 4
"""Saved steps that are compared, the last of those between the spans: five comparisons, each the work of a file."""
TWO = 2
NORM_ERROR = 1e-5
"""Relative error of a norm (see `diagnose.weights.factors`)."""
ROUNDING = {"BF16": 2.0**-8, "F16": 2.0**-11, "F8_E4M3": 2.0**-4, "F8_E5M2": 2.0**-3}
"""Half a unit in the last place over the number, at most, of the formats whose rounding can be seen."""


def measure_headings(
    checkpoints: Sequence[CheckpointFile],
    *,
    cache: Cache,
    processes: Processes | None = None,
    progress: Progress | None = None,
) -> tuple[tuple[Heading, ...], tuple[Remark, ...]]:
    """Return the course of every expert saved at three steps or more, and why others could not be followed.

    Reads the files of `comparisons`, as far as the cache does not know the answers.
    """
    with borrowed(processes) as workers:
        found = [_attempt(series, cache, workers, progress) for series in chosen(checkpoints)]
    return tuple(each for headings, _ in found for each in headings), tuple(r for _, remarks in found for r in remarks)


def _attempt(
    series: Sequence[CheckpointFile], cache: Cache, processes: Processes, progress: Progress | None
) -> tuple[list[Heading], list[Remark]]:
    try:
        return _headings(series, cache, processes, progress), []
    except DiagnoseError as error:
        return [], [Remark(Place(series[-1].file), f"where the updates were heading is unknown: {error}")]


def chosen(checkpoints: Sequence[CheckpointFile]) -> list[list[CheckpointFile]]:
    """Return which files to compare, for each expert (or both, where one file holds both), in order of step.

    The last MOST_CHOSEN of the steps between SPANS spans; none where fewer than three are saved.
    """
    found = []
    for kind in (*((expert,) for expert in Expert), tuple(Expert)):
        by_step = {each.step: each for each in checkpoints if each.experts == kind and each.step is not None}
        steps = sorted(by_step)
        if len(steps) > TWO:
            found.append([by_step[steps[index]] for index in evenly(len(steps), SPANS + 1)[-MOST_CHOSEN:]])
    return found


def comparisons(series: Sequence[CheckpointFile]) -> list[tuple[CheckpointFile, CheckpointFile]]:
    """Return the pairs of files whose updates' inner products are needed: neighbours, and next but one."""
    return [*pairwise(series), *zip(series, series[TWO:], strict=False)]


def _headings(
    series: Sequence[CheckpointFile], cache: Cache, processes: Processes, progress: Progress | None
) -> list[Heading]:
    found = {
        (earlier.file, later.file): update_directions(
            earlier, later, cache=cache, processes=processes, progress=progress
        )
        for earlier, later in comparisons(series)
    }
    files = [each.file for each in series]
    experts = [direction.expert for direction in found[files[-2], files[-1]]]
    return [
        _heading(expert, series, {key: _of(expert, each) for key, each in found.items()})
        for expert in experts
        if expert is not None
    ]


def _of(expert: Expert, directions: Sequence[ExpertDirection]) -> ExpertDirection:
    return next((each for each in directions if each.expert is expert), ExpertDirection(expert, ()))


def _heading(
    expert: Expert, series: Sequence[CheckpointFile], found: Mapping[tuple[str, str], ExpertDirection]
) -> Heading:
    files = [each.file for each in series]
    whole = {key: direction.together for key, direction in found.items()}
    lengths = [_length(whole[pair]) for pair in pairwise(files)]
    cosines = [
        _cosine(whole[a, b], whole[b, c], whole[a, c]) for a, b, c in zip(files, files[1:], files[2:], strict=False)
    ]
    last = found[files[-2], files[-1]]
    return Heading(
        expert=expert,
        steps=tuple(each.step or 0 for each in series),
        files=tuple(files),
        lengths=tuple(lengths),
        cosines=tuple(cosines),
        floor=_floor(series[-2], whole[files[-2], files[-1]], lengths[-2:]),
        last_change={module.name: _length(module) for module in last.modules},
    )


def _square(pair: ModuleDirection) -> float | None:
    """Return |later - earlier|^2; None where it is unknown, or below the error of the norms."""
    if pair.overlap is None or pair.norms is None:
        return None
    squares = sum(norm * norm for norm in pair.norms)
    square = squares - 2 * pair.overlap
    return square if square > 2 * NORM_ERROR * squares else 0.0


def _length(pair: ModuleDirection) -> float | None:
    square = _square(pair)
    return None if square is None else sqrt(square)


def _cosine(first: ModuleDirection, second: ModuleDirection, across: ModuleDirection) -> float | None:
    """Return the cosine of (b - a) and (c - b), from the inner products of a, b and c."""
    lengths = _length(first), _length(second)
    if not lengths[0] or not lengths[1] or first.norms is None:
        return None
    if first.overlap is None or second.overlap is None or across.overlap is None:
        return None
    product = second.overlap - across.overlap - first.norms[1] ** 2 + first.overlap
    return max(-1.0, min(1.0, product / lengths[0] / lengths[1]))


def _floor(middle: CheckpointFile, last: ModuleDirection, lengths: Sequence[float | None]) -> float | None:
    """Return by how much the rounding of the saved numbers lowers the cosine, at most about.

    Each factor adds noise of an even spread, share / sqrt(3), to a product whose norm is taken as the update's. That of
    the checkpoint in the middle is in both changes with opposite signs, and all of it lengthens them: as much again.
    """
    before, after = lengths
    if last.norms is None or not before or not after:
        return None
    dtypes = {tensor.dtype for tensor in middle.tensors}
    share = max((ROUNDING.get(dtype, 0.0) for dtype in dtypes), default=0.0)
    return 2 * 2 * (share * last.norms[0]) ** 2 / 3 / before / after
