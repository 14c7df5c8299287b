"""Which optimizer steps train which expert, and which of them move the expert's learning rates.

Both trainers count batches, not steps: after `switch_boundary_every` batches of one expert come as many of the other,
the high-noise expert first; `gradient_accumulation` batches make one optimizer step (SDTrainer.py, hook_train_loop).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.declared import Config
from diagnose.trainers.model import TrainerModel

EXPERTS = (Expert.HIGH, Expert.LOW)
"""In the order in which the trainers take turns."""
MOST_BATCHES = 10**9
"""No count in a config is greater, unless it is a typing error."""


@dataclass(frozen=True, slots=True)
class Cadence:
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

    def trained(self, step: int) -> Iterator[Expert]:
        """Yield the experts of the step's batches; both where the turn changes within the step."""
        first = step * self.accumulation // self.switch
        final = ((step + 1) * self.accumulation - 1) // self.switch
        yield EXPERTS[first % 2]
        if final > first:
            yield EXPERTS[1 - first % 2]


def read_cadence(config: Config, trainer: TrainerModel) -> Cadence | None:
    """Return how the experts take turns.

    None where one expert trains alone, where a setting is no count, and under the older
    `gradient_accumulation_steps`, which also drops gradients.
    """
    switch = _count(config, "train.switch_boundary_every")
    accumulation = _count(config, "train.gradient_accumulation")
    older = config.setting("train.gradient_accumulation_steps")
    if not config.trains_both or switch is None or accumulation is None or (older.written and older.value != 1):
        return None
    return Cadence(switch, accumulation, rests=trainer.freezes_when_paused)


def _count(config: Config, path: str) -> int | None:
    found = config.number(path)
    return math.ceil(float(found.value)) if found is not None and 1 <= found.value <= MOST_BATCHES else None
