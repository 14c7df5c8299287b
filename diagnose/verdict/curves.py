"""The curves behind the report's figures: the log in fifty stretches, the sessions, and the last save by module."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, starmap
from math import sqrt
from pathlib import Path
from statistics import fmean, quantiles

from msgspec import Struct

from diagnose.facts.known import Known
from diagnose.facts.log.logged_rates import ratio_of
from diagnose.facts.log.pace import slow_stretches
from diagnose.facts.log.series import Series, second_half
from diagnose.sources.log_rows import LogRows
from diagnose.sources.readings import SampleFile

MOST_STRETCHES = 48
"""As many points as a figure of a page can show and a finger can hit."""
FEWEST_ROWS = 8
"""Rows of a stretch, so that a mean loss means something."""
FEWEST_FOR_BAND = 4


class Spread(Struct, frozen=True):
    """The losses of one expert in a stretch: their mean, and where four in five of them lie; None for too few."""

    mean: float
    low: float | None
    high: float | None
    batches: int


class Stretch(Struct, frozen=True):
    """Some steps of the log in a row. The rates are those of its last step; by expert where not said otherwise.

    `lr_mixed` is the one rate of a log that does not tell the experts apart.
    """

    first: int
    last: int
    lr: Mapping[str, float]
    lr_mixed: float | None
    lr_ratio: float | None
    loss: Mapping[str, Spread]


class Session(Struct, frozen=True):
    """One start of a trainer: the steps it trained, None where unknown, and how it ended in a word, "" if unknown.

    `expert` is the one it trained, where each run of a pair trained one; "" for a run by itself.
    """

    first: int | None
    last: int | None
    end: str
    resumed_from: int | None = None
    expert: str = ""


class ModuleChange(Struct, frozen=True):
    """What an expert's last save changes in one module: root mean square over the base weights.

    `block` None: outside the blocks. `change` None where the norm is not finite.
    """

    kind: str
    block: int | None
    change: float | None


class ModuleMap(Struct, frozen=True):
    """All modules of an expert at its last save."""

    step: int
    modules: tuple[ModuleChange, ...]


class SlowPart(Struct, frozen=True):
    """Steps in a row that took much longer than the quickest, and up to how many times as long."""

    first: int
    last: int
    times: float


class ClipFile(Struct, frozen=True):
    """A training clip: its name in the data set, and where it lies."""

    name: str
    path: Path


class Curves(Struct, frozen=True):
    """What the figures draw beside the report's tables; empty where nothing was logged or saved.

    `loss_windows`: the steps, by expert, over which the report gives mean losses. `nan_steps`: first step without a
    number for a loss, and how many there are. `previews` by step. `maps`: by expert. `clip`: the measured training clip
    that moves as half of them do.
    """

    stretches: tuple[Stretch, ...] = ()
    loss_windows: Mapping[str, tuple[int, int]] = {}
    sessions: tuple[Session, ...] = ()
    nan_steps: tuple[int, int] | None = None
    previews: tuple[SampleFile, ...] = ()
    maps: Mapping[str, ModuleMap] = {}
    slow: tuple[SlowPart, ...] = ()
    clip: ClipFile | None = None


def curves_of(known: Known, experts: Sequence[str]) -> Curves:
    """Return the curves of a run."""
    series, waits = known.evidence.series, known.evidence.waits
    return Curves(
        stretches=tuple(_stretches(series, experts)) if series is not None else (),
        loss_windows=_windows(series, experts) if series is not None else {},
        sessions=tuple(
            session
            for run in known.runs or (known,)
            for session in _sessions(run, run.training.subject if known.runs else "")
        ),
        nan_steps=(min(series.nan_steps), len(series.nan_steps)) if series is not None and series.nan_steps else None,
        previews=known.evidence.readings.samples,
        maps=dict(_maps(known, experts)),
        slow=tuple(starmap(SlowPart, slow_stretches(waits))) if waits is not None else (),
        clip=_clip(known),
    )


def _clip(known: Known) -> ClipFile | None:
    motion, readings = known.evidence.motion, known.evidence.readings
    moving = sorted((each.amount, each.file) for each in motion.clips if each.amount is not None) if motion else []
    if not moving:
        return None
    _, name = moving[(len(moving) - 1) // 2]
    paths = (item.media.path for reading in readings.datasets for item in reading.items if item.media.file == name)
    return next((ClipFile(name, path) for path in paths), None)


def _stretches(series: Series, experts: Sequence[str]) -> Iterator[Stretch]:
    rows = series.rows
    count = max(1, min(MOST_STRETCHES, len(rows) // FEWEST_ROWS))
    edges = [round(index * len(rows) / count) for index in range(count + 1)]
    for start, stop in pairwise(edges):
        part = rows[start:stop]
        last = part[-1]
        yield Stretch(
            first=part[0].step,
            last=last.step,
            lr=last.rates,
            lr_mixed=last.lr_shared,
            lr_ratio=ratio_of(last.rates),
            loss={each: spread for each in experts if (spread := _spread(series, part, each)) is not None},
        )


def _spread(series: Series, part: LogRows, expert: str) -> Spread | None:
    losses = series.losses(part.where([each == expert for each in part.words("expert")]))
    if not losses:
        return None
    tenths = quantiles(losses, n=10, method="inclusive") if len(losses) >= FEWEST_FOR_BAND else None
    low, high = (tenths[0], tenths[-1]) if tenths else (None, None)
    return Spread(fmean(losses), low, high, len(losses))


def _windows(series: Series, experts: Sequence[str]) -> dict[str, tuple[int, int]]:
    late = {each: second_half(series.finite(series.own(each))) for each in experts}
    return {each: (rows[0].step, rows[-1].step) for each, rows in late.items() if rows}


def _sessions(known: Known, expert: str) -> Iterator[Session]:
    """Yield the sessions as the console tells them, else as the log's pauses show them."""
    console, series = known.evidence.readings.console, known.evidence.series
    if console is not None and console.sessions:
        for each in console.sessions:
            yield Session(each.first_step, each.last_step, each.end.value, each.resumed_from, expert)
    elif series is not None:
        steps = series.rows.steps
        starts = [steps[0], *(step for step in known.evidence.later_starts if step > steps[0])]
        ends = [*(steps[bisect_left(steps, start) - 1] for start in starts[1:]), steps[-1]]
        for first, last in zip(starts, ends, strict=True):
            yield Session(first, last, "", expert=expert)


def _maps(known: Known, experts: Sequence[str]) -> Iterator[tuple[str, ModuleMap]]:
    for expert in experts:
        own = [
            (pair, measured)
            for pair in known.evidence.pairs
            for e, measured in pair.experts.items()
            if e.value == expert
        ]
        if own:
            pair, measured = own[-1]
            modules = tuple(
                ModuleChange(each.kind, each.block, _per_weight(each.update_norm, each.fan_in * each.fan_out))
                for each in measured.modules
            )
            yield expert, ModuleMap(pair.step, modules)


def _per_weight(norm: float | None, weights: int) -> float | None:
    return None if norm is None or not weights else norm / sqrt(weights)
