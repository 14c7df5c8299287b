"""Which saves compare like with like: those at which the two experts stood to each other as they do at the last ones.

With turns of 100 steps and a save every 100, one of the two files stands still from save to save. Growth and ratio then
go up and down with the turns, and only every second save says anything about the two experts against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series
from diagnose.facts.weights.pairs import Pair, every, one_per_step
from diagnose.facts.weights.updates import own_updates
from diagnose.trainers.turns import Cadence

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
