"""Where in the network an expert learned: shares of its update by kind of module and by range of blocks.

Squares of Frobenius norms add up over modules, so shares are of the squared norm of the update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.pairs import Pair
from diagnose.weights.measurement import ExpertMeasurement, Heading
from diagnose.weights.modules import ModuleMeasurement

RANGES = 4
"""Into how many ranges the blocks are cut: ten blocks each in WAN 2.2 A14B."""
SPIKE = 0.9
"""Share of a module's squared norm in its first singular direction above which the update is a rank-1 spike."""
OUTSIDE = "outside the blocks"


class Part(Struct, frozen=True):
    """A kind of module or a range of blocks: its share of the numbers, of the update, and of its latest change.

    Fractions; None where a norm is not finite, nothing was learned, or the change was not measured.
    """

    name: str
    size: float
    update: float | None
    change: float | None


class Location(Struct, frozen=True):
    """Where one expert learned, as of its last checkpoint; kinds and ranges in the network's order."""

    expert: Expert
    step: int
    kinds: tuple[Part, ...]
    ranges: tuple[Part, ...]
    dead: tuple[str, ...]
    spikes: tuple[str, ...]


def locate(pairs: Sequence[Pair], headings: Sequence[Heading], record: Recorder) -> tuple[Location, ...]:
    """Record `weights.dead_modules` and `weights.spikes`; return where each measured expert learned."""
    found = []
    for expert in Expert:
        own = [pair for pair in pairs if expert in pair.experts]
        if not own:
            continue
        last = own[-1]
        measured = last.experts[expert]
        change = next((heading.last_change for heading in headings if heading.expert == expert), {})
        sharp = [m for m in measured.modules if m.rank > 1 and m.stable_rank is not None and m.stable_rank < 1 / SPIKE]
        spikes = tuple(module.name for module in sharp)
        found.append(
            Location(
                expert,
                last.step,
                _parts(measured, change, lambda module: module.kind if module.block is not None else OUTSIDE),
                _parts(measured, change, _ranges(measured)),
                measured.dead_modules,
                spikes,
            )
        )
        for name, modules in (("dead_modules", measured.dead_modules), ("spikes", spikes)):
            note = ", ".join(modules[:3]) + (", ..." if len(modules) > 3 else "")  # noqa: PLR2004 - three names do
            place = [last.place(expert)]
            record.known(f"weights.{name}", len(modules), subject=expert.value, places=place, note=note)
    return tuple(found)


def _ranges(measured: ExpertMeasurement) -> Callable[[ModuleMeasurement], str]:
    """Return what names a module's range; ranges are of equal length over the blocks from 0 to the last one."""
    count = max((module.block for module in measured.modules if module.block is not None), default=-1) + 1
    length = max(1, -(-count // RANGES))

    def name(module: ModuleMeasurement) -> str:
        if module.block is None:
            return OUTSIDE
        first = module.block // length * length
        last = min(first + length, count) - 1
        return f"block {first}" if first == last else f"blocks {first} to {last}"

    return name


def _parts(
    measured: ExpertMeasurement, change: Mapping[str, float | None], label: Callable[[ModuleMeasurement], str]
) -> tuple[Part, ...]:
    labelled = sorted(((label(module), module) for module in measured.modules), key=lambda pair: _order(pair[0]))
    groups = [(name, [module for _, module in group]) for name, group in groupby(labelled, key=lambda pair: pair[0])]
    updates = _shares([[module.update_norm for module in modules] for _, modules in groups])
    changes = _shares([[change.get(module.name) for module in modules] for _, modules in groups])
    return tuple(
        Part(name, sum(m.entries.count for m in modules) / measured.entries.count, update, changed)
        for (name, modules), update, changed in zip(groups, updates, changes, strict=True)
    )


def _order(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """Numbers by value, and what is outside the blocks last."""
    words = name.replace("blocks", "block").replace(".", " ").split()
    return name == OUTSIDE, [(int(word), "") if word.isdigit() else (-1, word) for word in words]


def _shares(groups: Iterable[Sequence[float | None]]) -> list[float | None]:
    """Return each group's share of the sum of squares; all None where a norm is unknown or all are zero."""
    columns = list(groups)
    norms = [norm for column in columns for norm in column]
    whole = sum(norm * norm for norm in norms if norm is not None)
    if None in norms or not whole:
        return [None] * len(columns)
    return [sum(norm * norm for norm in column if norm is not None) / whole for column in columns]


class Direction(Struct, frozen=True):
    """Whether an expert went on in the direction it came from, over a few saved steps, at least three.

    `cosines` are of each change with the one before it, so two fewer than `steps`; None where rounding hides the
    change. `floor` is what rounding took off the last one, at most about.
    """

    expert: Expert
    steps: tuple[int, ...]
    cosines: tuple[float | None, ...]
    floor: float | None


def record_directions(headings: Sequence[Heading], record: Recorder) -> tuple[Direction, ...]:
    """Record `weights.direction`: the cosine of each expert's latest change with the one before."""
    for heading in headings:
        cosine = heading.cosines[-1]
        if cosine is None:
            continue
        first, middle, last = heading.steps[-3:]
        floor = "" if heading.floor is None else f"; rounding takes off at most about {heading.floor:.1g}"
        record.known(
            "weights.direction",
            cosine,
            subject=heading.expert,
            places=[Place(file, step=step) for file, step in zip(heading.files[-3:], heading.steps[-3:], strict=True)],
            note=f"steps {middle} to {last} against {first} to {middle}{floor}",
        )
    return tuple(Direction(Expert(each.expert), each.steps, each.cosines, each.floor) for each in headings)
