"""Which saves compare like with like: those at which the two experts stood to each other as they do at the last ones.

With turns of 100 steps and a save every 100, one of the two files stands still from save to save. Growth and ratio then
go up and down with the turns, and only every second save says anything about the two experts against each other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series
from diagnose.facts.weights.pairs import Pair, every, one_per_step
from diagnose.trainers.turns import Cadence
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.modules import known

COVERED = 0.9
"""Share of the steps up to the last save that a log must have, each with its expert, to count the turns by it."""
STILL = 0.25
NEAR = 5
"""A file that changes by less than this share of the most that it changes within so many saves stood still: an update
or two at the edge of a turn of a hundred change it by a few per cent of that."""
UNTRAINED = 0.2
"""Up matrices that are smaller than this share of what the next save holds had no turn of their own yet."""
IDLE, BUSY = 0.05, 0.5
"""Share of the steps between two saves below which an expert must have stood still, and above which it must not."""
ODD_SHARE = 0.1
"""Of the intervals between saves: so many may look otherwise by chance."""

Counts = Mapping[int, tuple[float, float]]
"""Step of a save -> updates of the high-noise and of the low-noise expert so far."""


class OwnUpdates(Struct, frozen=True):
    """The updates of each expert at every save, and what they are known from, as words for a sentence."""

    counts: Counts
    source: str


def own_updates(
    saves: Sequence[Pair], series: Series | None, cadence: Cadence | None, starts: Sequence[int]
) -> OwnUpdates:
    """Return the updates of both experts at each save: by the log, else the settings, else the files alone.

    Args:
        saves: ascending, one per step, each with both experts.
        series: the log.
        cadence: how the experts take turns by the settings; None where that is unknown.
        starts: the first step of each later start of the trainer. Upstream begins every start with the high-noise
            expert; the fork goes on where it was.
    """
    accounts = []
    logged = _by_log(saves, series) if series is not None else None
    if logged is not None:
        accounts.append(OwnUpdates(logged, "the log"))
    if cadence is not None:
        accounts.append(OwnUpdates(_by_cadence(saves, cadence, ()), "the turns in the config"))
        restarted = _by_cadence(saves, cadence, starts)
        accounts.append(OwnUpdates(restarted, "the turns in the config, from each restart on"))
    moves = {expert: _moves([pair.experts[expert] for pair in saves]) for expert in Expert}
    by_files = OwnUpdates(_by_files(saves, moves), "which files changed from save to save")
    return next((each for each in accounts if _fits(saves, each.counts, moves)), by_files)


def _by_log(saves: Sequence[Pair], series: Series) -> Counts | None:
    high, low = (series.own(expert).steps for expert in Expert)
    counts = {pair.step: (bisect_right(high, pair.step), bisect_right(low, pair.step)) for pair in saves}
    last = saves[-1].step if saves else 0
    return counts if sum(counts.get(last, ())) >= COVERED * last else None


def _by_cadence(saves: Sequence[Pair], cadence: Cadence, starts: Sequence[int]) -> Counts:
    """Count by the settings. A save of step N holds the updates of the steps 0 to N, the final one those before N."""
    begun = sorted({0, *starts})
    counts: dict[int, tuple[float, float]] = {}
    for pair in saves:
        done = pair.step + (not pair.final)
        edges = [*begun[: bisect_left(begun, done)], done]
        parts = [_turns(cadence, last - first) for first, last in pairwise(edges)]
        counts[pair.step] = sum(high for high, _ in parts), sum(low for _, low in parts)
    return counts


def _turns(cadence: Cadence, steps: int) -> tuple[float, float]:
    """Return the updates of both experts in so many steps from a start on: batches over those of one step."""
    batches = steps * cadence.accumulation
    cycles, rest = divmod(batches, 2 * cadence.switch)
    high = cycles * cadence.switch + min(rest, cadence.switch)
    return high / cadence.accumulation, (batches - high) / cadence.accumulation


def _by_files(saves: Sequence[Pair], moves: Mapping[Expert, Sequence[bool | None]]) -> Counts:
    """Share the steps between two saves out among the experts whose files moved; where none did, nobody trained."""
    counts: dict[int, tuple[float, float]] = {}
    high = low = 0.0
    before = 0
    first = [_began([pair.experts[expert] for pair in saves], moves[expert]) for expert in Expert]
    for index, pair in enumerate(saves):
        moved = [moves[expert][index - 1] is not False for expert in Expert] if index else first
        share = (pair.step - before) / max(1, sum(moved))
        high, low = high + share * moved[0], low + share * moved[1]
        counts[pair.step], before = (high, low), pair.step
    return counts


def _began(course: Sequence[ExpertMeasurement], moves: Sequence[bool | None]) -> bool:
    """Return whether an expert had a turn before its first save."""
    later = next((after for after, moved in zip(course[1:], moves, strict=True) if moved), course[0])
    up, grown = course[0].factors[1].magnitude, later.factors[1].magnitude
    return up is None or grown is None or up > UNTRAINED * grown


def _moves(course: Sequence[ExpertMeasurement]) -> list[bool | None]:
    """Return for each interval between saves whether the expert's file moved; None where the two do not compare."""
    # of |w|, of every factor; None where a number is not finite
    sums = [known(factor.absolute_sum for module in each.modules for factor in module.factors) for each in course]
    final = next((each for each in reversed(sums) if each is not None), ())
    changes = [_change(before, after, final) for before, after in pairwise(sums)]
    moves: list[bool | None] = []
    for index, change in enumerate(changes):
        near = changes[max(0, index - NEAR) : index + NEAR + 1]
        usual = max((each for each in near if each is not None), default=0.0)
        moves.append(None if change is None else change > STILL * usual)
    return moves


def _change(before: Sequence[float] | None, after: Sequence[float] | None, final: Sequence[float]) -> float | None:
    """Return the mean change of the factors' sums, as shares of the final ones; None where the shapes differ."""
    if before is None or after is None or not len(before) == len(after) == len(final):
        return None
    changes = [abs(new - old) / end for old, new, end in zip(before, after, final, strict=True) if end]
    return fmean(changes) if changes else 0.0


def _fits(saves: Sequence[Pair], counts: Counts, moves: Mapping[Expert, Sequence[bool | None]]) -> bool:
    """Return whether the files moved when their experts trained, but for a few intervals; dead ones tell nothing."""
    odd = 0
    for index, (before, after) in enumerate(pairwise(saves)):
        own = [b - a for a, b in zip(counts[before.step], counts[after.step], strict=True)]
        seen = [moves[expert][index] for expert in Expert]
        if sum(own) > 0 and any(seen):
            shares = [each / sum(own) for each in own]
            odd += any(
                (share < IDLE and moved is True) or (share > BUSY and moved is False)
                for share, moved in zip(shares, seen, strict=True)
            )
    return odd <= max(1, ODD_SHARE * len(saves))


SAME_PHASE = 0.25
"""Share of an expert's usual updates between two saves by which its lead over the other may differ: what is left moves
the ratio by a quarter of one save's growth at most."""
LATEST = 5
"""Saves at the end that may say which phase is compared: turns that do not divide the saves come round in as many."""
SHOWN = 3
"""Steps that the sentence names before the last one."""


class Turns(Struct, frozen=True):
    """The saves with both experts that may be compared, ascending, one per step.

    `left_out` are the steps of those at another phase of the turns; `why` says which are compared and for what reason,
    "" where all of them are.
    """

    compared: tuple[Pair, ...]
    left_out: tuple[int, ...] = ()
    why: str = ""


def compare_turns(
    pairs: Sequence[Pair], series: Series | None, cadence: Cadence | None, starts: Sequence[int]
) -> Turns:
    """Choose the saves to compare, of those with the last one's ranks; see `own_updates` for how turns are known."""
    together = one_per_step(pairs)
    # a resume with another rank begins a new count of numbers
    ranks = [[pair.experts[expert].ranks for expert in Expert] for pair in together]
    saves = tuple(pair for pair, own in zip(together, ranks, strict=True) if own == ranks[-1])
    if len(saves) < 2:  # noqa: PLR2004 - one save alone is at one phase
        return Turns(saves)
    own = own_updates(saves, series, cadence, starts)
    leads = [high - low for high, low in (own.counts[pair.step] for pair in saves)]
    # an expert has half of the updates that both have between two saves, as a rule
    totals = [sum(own.counts[pair.step]) for pair in saves]
    margin = SAME_PHASE * median(after - before for before, after in pairwise(totals)) / 2
    chosen = _phase(leads, margin)
    if len(chosen) == len(saves):
        return Turns(saves)
    compared = tuple(saves[index] for index in chosen)
    left_out = tuple(pair.step for index, pair in enumerate(saves) if index not in chosen)
    lead = median(leads[index] for index in chosen)
    return Turns(compared, left_out, _sentence(chosen, saves, lead if abs(lead) > margin else 0.0, own.source))


def _phase(leads: Sequence[float], margin: float) -> list[int]:
    """Return the indices of the saves at one phase: that of one of the latest saves.

    The phase with most saves, where two have as many (but one) the one at which the experts had trained more equally.
    """
    latest = range(len(leads))[-LATEST:]
    phases = [[i for i, lead in enumerate(leads) if abs(lead - leads[last]) <= margin] for last in latest]
    most = max(len(phase) for phase in phases)
    return min(
        (phase for phase in phases if len(phase) >= most - 1),
        key=lambda phase: (abs(median(leads[i] for i in phase)), -phase[-1]),
    )


def _sentence(chosen: Sequence[int], saves: Sequence[Pair], lead: float, source: str) -> str:
    stride = every(chosen)
    count = f"{stride.capitalize()} is compared" if stride else f"{len(chosen)} of {len(saves)} saves are compared"
    steps = [str(saves[index].step) for index in chosen]
    more = [", ".join(steps[:SHOWN]), "...", steps[-1]] if len(steps) > SHOWN + 1 else [", ".join(steps)]
    ahead = "high" if lead > 0 else "low"
    if lead:
        state = f"the {ahead}-noise expert was as far ahead each time, by about {abs(lead):.0f} updates"
    else:
        state = "both experts had trained equally long"
    among = f"at these {state}; at the others one was ahead by its turn"
    return f"{count} (step {' '.join(more)}): {among}. This is known from {source}"
