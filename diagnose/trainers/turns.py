"""How two experts take turns: which optimizer steps train which, and which of them move its learning rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert

EXPERTS = (Expert.HIGH, Expert.LOW)
"""In the order in which they take turns."""
_ONE, _BOTH = tuple((each,) for each in EXPERTS), (EXPERTS, EXPERTS[::-1])
"""The experts of a step, by whose turn it begins with."""


class Cadence(Struct, frozen=True):
    """How the experts take turns.

    Attributes:
        switch: batches of one expert before the other's turn, at least 1.
        accumulation: batches per optimizer step, at least 1.
        rests: whether an expert's first step after a pause leaves its rates alone, as in the fork.
    """

    switch: int
    accumulation: int
    rests: bool

    @property
    def both_from(self) -> int:
        """Steps after which both experts have been trained."""
        return self.switch // self.accumulation + 1

    @property
    def cycle(self) -> int:
        """Steps in which each expert has one turn, rounded down."""
        return max(1, 2 * self.switch // self.accumulation)

    def moves(self, steps: Iterable[int]) -> list[Mapping[Expert, int]]:
        """Return how often each expert's rates have moved after so many steps, for each of the ascending `steps`."""
        counts = dict.fromkeys(EXPERTS, 0)
        last: dict[Expert, int] = {}
        rows: list[Mapping[Expert, int]] = []
        done = 0
        for wanted in steps:
            for step in range(done, wanted):
                for expert in self.trained(step):
                    counts[expert] += not self.rests or step - last.get(expert, step - 1) == 1
                    last[expert] = step
            done = wanted
            rows.append(counts.copy())
        return rows

    def trained(self, step: int) -> tuple[Expert, ...]:
        """Return the experts of the step's batches in order; both where the turn changes within the step."""
        first = step * self.accumulation // self.switch
        final = ((step + 1) * self.accumulation - 1) // self.switch
        return (_BOTH if final > first else _ONE)[first % 2]
