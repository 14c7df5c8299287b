"""The mean position of many random walkers between two walls, followed cell by cell. Mathematics alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct


class Pace(Struct, frozen=True):
    """One advance of a crowd: how many steps of its walkers it stands for, and the probability to go up a cell."""

    steps: float
    up: float


class Crowd:
    """Walkers spread over equal cells, and their mean position.

    Every advance takes each walker one cell up or down; who would pass a wall stays. With cells as wide as a stride
    that is the walk itself. Wider cells stand for several steps at once, of the same drift and the same scatter, so
    that away from the walls the mean stays exact and near them it errs by a part of a cell.
    """

    def __init__(
        self, spots: Mapping[float, float], *, lowest: float, highest: float, stride: float, cells: int
    ) -> None:
        """Place the walkers: `spots` maps a position to their share there, and the shares add up to 1.

        The walls are at `lowest` and `highest`, a `stride` is how far one step takes a walker, at most from wall to
        wall, and there are from 2 `cells` to one per stride.
        """
        # a walker turns where its next step would end beyond the wall: half a stride outside of the last position
        self.span = highest - lowest
        self.cell = (self.span + stride) / cells
        self._mass = [0.0] * cells
        self._first = lowest + (self.cell - stride) / 2
        for position, share in spots.items():
            place = (position - self._first) / self.cell
            below = min(max(math.floor(place), 0), cells - 2)
            # beyond the outermost centre the weights leave 0 to 1, which keeps the mean
            self._mass[below] += share * (below + 1 - place)
            self._mass[below + 1] += share * (place - below)

    def pace(self, stride: float, drift: float, scatter: float) -> Pace:
        """Return the advance that stands for steps of this stride, mean `drift` and variance `scatter`, in strides.

        After n steps the mean square from the start is n scatter + n² drift²; an advance is as many steps as make that
        one cell squared. Independent steps of one stride scatter by 1 - drift²; with that and one cell per stride an
        advance is one step. At a drift of 1, up or down, nothing scatters.
        """
        width = self.cell / stride
        steps = 2 * width**2 / (scatter + math.sqrt(scatter**2 + 4 * drift**2 * width**2))
        return Pace(steps, (1 + steps * drift / width) / 2)

    @property
    def mean(self) -> float:
        """Their mean position."""
        return self._first + self.cell * sum(cell * share for cell, share in enumerate(self._mass))

    def advance(self, pace: Pace, times: int) -> None:
        """Take every walker one cell up or down, so many times."""
        mass, up, down = self._mass, pace.up, 1 - pace.up
        for _ in range(times):
            # zip ends with the shorter: every cell between the two at the walls
            moved = [up * below + down * above for below, above in zip(mass, mass[2:])]  # noqa: B905
            mass = [down * (mass[0] + mass[1]), *moved, up * (mass[-2] + mass[-1])]
        self._mass = mass
