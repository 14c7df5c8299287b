"""How automagic moves learning rates: the mean over the elements of one expert after a number of moves.

Every element has a rate of its own. A move takes it up by one bump where the sign of its update is that of the step
before, else down by one, and stops at floor and ceiling. So a rate is a random walk between two walls, and the mean
follows from where the walls lie and how often signs agree. `knowledge/automagic.md` derives what is computed here and
names what is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist

from msgspec import Struct

from diagnose.facts.outlook.random_walk import Crowd

LEVELS = 127
"""A rate is stored as a whole number of quanta, and the largest rate of its tensor is so many (Auto8bitTensor)."""
FIRST_AGREEMENT = 0.75
"""Of the first move: while B = 0 the gradient of A is zero and counts as agreeing; for B it is chance."""
WORK = 20_000
"""Cell updates that one mean may cost."""
MOST_CELLS = 64
REACH = 4.0
"""Standard deviations of the free walk beyond which nothing is followed; one element in 30,000 goes farther up."""
LUCK = 5.0
"""Standard deviations by which the highest of a tensor's 10^5 to 10^6 elements leads."""
SETTLED = 8.0
"""Relaxation times after which a walk counts as settled: all but 0.03 % of the way."""

Spots = Mapping[float, float]
"""Rate -> share of the elements."""


class WalkSettings(Struct, frozen=True):
    """Where the rates of one expert start, how far one move takes them, and between which walls they stay."""

    start: float
    bump: float
    floor: float
    ceiling: float

    @property
    def stored_bump(self) -> float:
        """The bump as it survives storage once the largest rates are at the ceiling: whole quanta, at least one."""
        quantum = self.ceiling / LEVELS
        return round(self.bump / quantum) * quantum if self.bump >= quantum else self.bump

    def held(self, rate: float) -> float:
        """Return the rate between the walls; where the floor lies above the ceiling, the ceiling counts."""
        return min(max(rate, self.floor), self.ceiling)


def mean_rates(walk: WalkSettings, agreement: float, moves: Sequence[int]) -> list[float]:
    """Return the mean rate of one expert after each of the ascending numbers of steps that moved its rates.

    `walk` has a bump and a ceiling above 0; `agreement` is the mean over elements and moves, from 0 to 1.
    """
    if walk.ceiling <= walk.floor:
        return [walk.ceiling if count else walk.start for count in moves]
    shares = agreement_shares(agreement)
    courses = [_course(walk, share, moves, WORK / len(shares)) for share in shares]
    return [sum(rates) / len(shares) for rates in zip(*courses, strict=True)]


def _course(walk: WalkSettings, agreement: float, moves: Sequence[int], work: float) -> list[float]:
    """Return the mean rate of elements that all agree equally often."""
    settled = _settled_after(walk, 2 * agreement - 1, max(moves, default=0))
    followed = [min(count, settled) for count in moves]
    opening = list(_opening(walk, agreement))
    early = [sum(rate * share for rate, share in spots.items()) for spots in opening]
    crowd = _crowd(walk, agreement, opening[-1], settled, work)
    later = _later(walk, agreement, crowd, [count for count in followed if count >= len(early)])
    # the cells may overshoot the walls by a part of a cell
    return [*(early[count] for count in followed if count < len(early)), *map(walk.held, later)]


def _opening(walk: WalkSettings, agreement: float) -> Iterator[Spots]:
    """Yield where the elements are after 0, 1 and 2 moves.

    In the first two moves the halves differ: A has no gradient in the first, and no sign to compare with in the second.
    """
    spots: dict[float, float] = {walk.start: 1.0}
    yield spots
    for up in (FIRST_AGREEMENT, (agreement + CHANCE) / 2):
        moved: dict[float, float] = {}
        for rate, share in spots.items():
            for target, part in ((walk.held(rate + walk.bump), up), (walk.held(rate - walk.bump), 1 - up)):
                moved[target] = moved.get(target, 0.0) + share * part
        spots = moved
        yield spots


def _crowd(walk: WalkSettings, agreement: float, spots: Spots, moves: int, work: float) -> Crowd:
    """Return the elements where they are after two moves, in cells for so many moves in all."""
    top = min(walk.ceiling, max(spots) + _reach(2 * agreement - 1, moves) * walk.bump)
    span = top - walk.floor or walk.bump
    bump = min(walk.bump, span)
    cells = _cells(span / bump, moves, work)
    return Crowd(spots, lowest=walk.floor, highest=walk.floor + span, stride=bump, cells=cells)


def _later(walk: WalkSettings, agreement: float, crowd: Crowd, counts: Sequence[int]) -> Iterator[float]:
    """Yield the mean rate after each of the ascending numbers of moves, from the second move on."""
    drift = 2 * agreement - 1
    scatter = _scatter(drift)
    growing, full = (crowd.pace(min(each, crowd.span), drift, scatter) for each in (walk.bump, walk.stored_bump))
    # until then the quantum is small and changes with every move, so that bumps come out right on average
    ceiling_from = _highest_from(walk, agreement, walk.ceiling)
    before = after = 2.0, crowd.mean
    for count in counts:
        while after[0] < count:
            pace, limit = (growing, min(count, ceiling_from)) if after[0] < ceiling_from else (full, count)
            for advances in (math.ceil((limit - after[0]) / pace.steps) - 1, 1):
                crowd.advance(pace, advances)
                before, after = after, (after[0] + advances * pace.steps, crowd.mean)
        (done, mean), (then, rate) = before, after
        yield rate if then == done else mean + (rate - mean) * (count - done) / (then - done)


def outgrows_storage(walk: WalkSettings, agreement: float, moves: int) -> bool:
    """Return whether the highest rates come so high that a bump is less than a quantum of storage.

    From there on bumps are lost or doubled; the means here do not follow that.
    """
    limit = LEVELS * walk.bump
    return walk.ceiling > limit and moves >= _highest_from(walk, agreement, limit)


def _highest_from(walk: WalkSettings, agreement: float, rate: float) -> float:
    """Return the move at which the highest rates of a tensor come to `rate`.

    Above chance some elements always agree and climb without a pause; at chance the luckiest lead.
    """
    bumps = max(0.0, rate - walk.start) / walk.bump
    return bumps if agreement > CHANCE else max(bumps, (bumps / LUCK) ** 2)


def _settled_after(walk: WalkSettings, drift: float, moves: int) -> int:
    """Return after how many of the moves the mean stands: across with the drift, then some relaxation times."""
    bumps = (walk.ceiling - walk.floor) / walk.bump
    if abs(drift) * moves <= bumps:
        return moves
    return min(moves, math.ceil(bumps / abs(drift) + SETTLED * 2 * _scatter(drift) / drift**2))


def _scatter(drift: float) -> float:
    """Return the variance of the moves, in bumps² a move, summed over the covariances between them.

    Two moves in a row compare the same sign with those beside it. With a part of its own an element is positive with
    some probability q, and a move's covariance with the next is 4 q (1 - q) (1 - 2q)² = d (1 - d), d = |drift|; moves
    farther apart share no sign. So n moves scatter by about n (1 - d² + 2 d (1 - d)).
    """
    size = abs(drift)
    return (1 - size) * (1 + 3 * size)


def _reach(drift: float, moves: int) -> float:
    """Return how many bumps up the walk can come in so many moves; drifting down, it climbs but few."""
    spread = REACH * math.sqrt(_scatter(drift) * moves)
    return spread + drift * moves if drift >= 0 else min(spread, REACH * _scatter(drift) / -drift)


def _cells(bumps: float, moves: int, work: float) -> int:
    """Return the number of cells for a span of so many bumps: one per bump, or as many as the work allows.

    Cells of c bumps take moves / c² advances, so n cells over the span cost n³ moves / bumps² updates.
    """
    affordable: float = (work * bumps**2 / max(moves, 1)) ** (1 / 3)
    return max(2, min(round(bumps) + 1, MOST_CELLS, round(affordable)))


CHANCE = 0.5
SHARES = 6
"""Equal shares of the elements that stand for all; twelve move no mean rate by more than 3 %."""

_NORMAL = NormalDist()
_QUANTILES = tuple(_NORMAL.inv_cdf((1 + (share + 0.5) / SHARES) / 2) for share in range(SHARES))
"""Constant parts of the shares in standard deviations, by size: their sign changes nothing."""


def agreement_shares(mean: float) -> tuple[float, ...]:
    """Return the sign agreement of equal shares of the elements, lowest first; their mean is `mean`, from 0 to 1."""
    if mean < CHANCE:
        return tuple(1 - share for share in reversed(agreement_shares(1 - mean)))
    correlation = math.sin(math.pi * (mean - CHANCE))
    if mean == CHANCE or correlation >= 1:
        return (mean,)
    signal = math.sqrt(correlation / (1 - correlation))
    positive = [_NORMAL.cdf(signal * quantile) for quantile in _QUANTILES]
    shares = [share**2 + (1 - share) ** 2 for share in positive]
    # the midpoints of the shares miss some of the tail: stretch them to the mean that was asked for
    stretch = (mean - CHANCE) / (sum(shares) / SHARES - CHANCE)
    return tuple(min(1.0, CHANCE + stretch * (share - CHANCE)) for share in shares)
