"""How much the previews of an unchanging model would vary: what parts the course of all prompts from their scatter.

Each prompt has its own level, each step its own mean over the prompts, and what is left is noise of two kinds:

* a prompt's own scatter, which may last from one save to the next (correlation `near` between neighbours). It shows in
  how much the prompts disagree with one another.
* scatter that all prompts of a save share and the next save does not have. It shows in how much the means jump from
  one save to the next, beyond what the prompts' own scatter explains.

What all prompts do together and keep doing is no noise: that is the change that is looked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from diagnose.motion.levels import Levels

Floats: TypeAlias = NDArray[np.float64]
NEAR_MOST = 0.9
NEAR_GRID = np.linspace(0.0, NEAR_MOST, 19)
"""The correlations between neighbours that are told apart: with ten saves, finer ones are not known anyway."""


class Noise(Struct, frozen=True):
    """The noise of a run.

    Attributes:
        own: variance of a prompt's own scatter, of the logarithm.
        near: its correlation from one save to the next.
        shared: variance of the scatter that all prompts of a save share.
    """

    own: float
    near: float
    shared: float


class Estimates(Struct, frozen=True):
    """What some runs of one layout show, one row per run.

    Attributes:
        means: the level of each step over the prompts.
        own, near: as in `Noise`; `grid` is the place of `near` in NEAR_GRID.
        jumps: squared differences of neighbouring means.
    """

    means: Floats
    own: Floats
    grid: NDArray[np.intp]
    jumps: Floats

    @property
    def near(self) -> Floats:
        """Correlations between neighbours."""
        return NEAR_GRID[self.grid]


class Layout(Struct, frozen=True, dict=True):
    """Which prompts were measured at which saves: all that the arithmetic depends on, beside the values."""

    mask: NDArray[np.bool_]

    @cached_property
    def at(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The prompts and the steps of the values, in the order in which they are given."""
        prompts, steps = np.nonzero(self.mask)
        return prompts, steps

    @property
    def prompts(self) -> int:
        """How many there are."""
        return int(self.mask.shape[0])

    @property
    def saves(self) -> int:
        """How many there are."""
        return int(self.mask.shape[1])

    @cached_property
    def freedom(self) -> int:
        """Degrees of freedom of the prompts' own scatter."""
        return int(self.mask.sum()) - self.prompts - self.saves + 1

    @cached_property
    def _solution(self) -> tuple[Floats, Floats]:
        """Least squares: what makes the steps' levels of the values, and what makes what is left."""
        prompts, steps = self.at
        count = len(prompts)
        design = np.zeros((count + 1, self.prompts + self.saves))
        design[np.arange(count), prompts] = 1
        design[np.arange(count), self.prompts + steps] = 1
        design[count, : self.prompts] = 1  # the prompts' levels add up to nothing
        inverse = np.linalg.pinv(design)[:, :count]
        return np.asarray(inverse[self.prompts :], float), np.asarray(np.eye(count) - design[:count] @ inverse)

    @cached_property
    def overlap(self) -> Floats:
        """The covariance of two steps' means, as a multiple of that of one prompt at the two steps."""
        there = self.mask.astype(float)
        counts = there.sum(0)
        return np.asarray((there.T @ there) / np.outer(counts, counts))

    @cached_property
    def lasting(self) -> Floats:
        """The correlation of each two saves, for each correlation of neighbours in NEAR_GRID."""
        apart = np.abs(np.subtract.outer(np.arange(self.saves), np.arange(self.saves)))
        return np.asarray(NEAR_GRID[:, None, None] ** apart[None])

    @cached_property
    def jump(self) -> Floats:
        """Half the mean squared jump of the means that own scatter of variance 1 makes, for each of NEAR_GRID."""
        level, beside = np.diag(self.overlap), np.diag(self.overlap, 1)
        return np.asarray([np.mean((level[1:] + level[:-1]) / 2 - near * beside) for near in NEAR_GRID])

    def estimates(self, values: Floats) -> Estimates:
        """Return what runs show; `values` has a run in each row.

        The correlation of what is left is too low by about (1 + 2 r)/n of n saves, as the mean was taken off, and the
        variance too by the mean correlation of all pairs of saves; both are put right.
        """
        means_of, left_of = self._solution
        means, left = values @ means_of.T, values @ left_of.T
        squares = (left**2).sum(1)
        spread = np.zeros((len(values), *self.mask.shape))
        spread[:, self.at[0], self.at[1]] = left
        both = int((self.mask[:, 1:] & self.mask[:, :-1]).sum())
        near = np.zeros(len(values))
        if self.freedom > 0 and both and self.saves > 3:  # noqa: PLR2004 - with three the correction is everything
            together = (spread[:, :, 1:] * spread[:, :, :-1]).sum((1, 2)) / both
            near = (together / np.maximum(squares / values.shape[1], 1e-12) + 1 / self.saves) / (1 - 2 / self.saves)
        grid = np.rint(np.clip(near, 0, NEAR_MOST) / (NEAR_GRID[1] - NEAR_GRID[0])).astype(np.intp)
        seen = (1 - self.lasting.mean((1, 2))[grid]) * self.saves / max(self.saves - 1, 1)
        return Estimates(means, squares / max(self.freedom, 1) / seen, grid, np.diff(means, axis=1) ** 2)

    def noise(self, values: Floats) -> Noise:
        """Return the noise of one run. Of one prompt, all scatter from save to save counts as its own."""
        found = self.estimates(values[None])
        jump = float(found.jumps.mean()) / 2 if self.saves > 1 else 0.0
        if self.freedom <= 0:
            return Noise(jump * self.prompts, 0.0, 0.0)
        own, grid = float(found.own[0]), int(found.grid[0])
        return Noise(own, float(NEAR_GRID[grid]), max(0.0, jump - own * float(self.jump[grid])))

    def constant_runs(self, noise: Noise, count: int, seed: int) -> Floats:
        """Return the values of made-up runs of this layout and noise in which nothing changes."""
        chance = np.random.default_rng(seed)
        own = chance.standard_normal((count, *self.mask.shape))
        for save in range(1, self.saves):
            own[:, :, save] = noise.near * own[:, :, save - 1] + np.sqrt(1 - noise.near**2) * own[:, :, save]
        shared = chance.standard_normal((count, 1, self.saves))
        whole = np.sqrt(noise.own) * own + np.sqrt(noise.shared) * shared
        return np.asarray(whole[:, self.at[0], self.at[1]])


def layout_of(levels: Levels) -> tuple[Layout, Floats]:
    """Return the layout of some levels, and their values."""
    logs = np.array(levels.logs, dtype=float).reshape(len(levels.prompts), len(levels.steps))
    mask = ~np.isnan(logs)
    return Layout(mask), logs[mask]


def whole(prompts: int, saves: int) -> Layout:
    """Return the layout of a run in which every prompt was measured at every save."""
    return Layout(np.ones((prompts, saves), dtype=bool))
