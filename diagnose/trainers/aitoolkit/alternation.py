"""Which optimizer steps train which expert, how many each expert gets, and which of them move its learning rates.

The trainers count batches, not steps: after `switch_every` batches of one expert come as many of the other, the
high-noise expert first; `accumulation` batches make one optimizer step (SDTrainer.py:2245-2264, hook_train_loop).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import Config

EXPERTS = (Expert.HIGH, Expert.LOW)
"""In the order in which the trainers take turns."""
MOST_BATCHES = 10**9
"""No count in a config is greater, unless it is a typing error."""
LONGEST_PERIOD = 100_000
"""Steps after which the alternation repeats; a config with a longer period is a typing error."""


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

    def trained(self, step: int) -> Iterator[Expert]:
        """Yield the experts of the step's batches; both where the turn changes within the step."""
        first = step * self.accumulation // self.switch
        final = ((step + 1) * self.accumulation - 1) // self.switch
        yield EXPERTS[first % 2]
        if final > first:
            yield EXPERTS[1 - first % 2]


def read_cadence(config: Config, trainer: AiToolkitModel) -> Cadence | None:
    """Return how the experts take turns.

    None where one expert trains alone, where a setting is no count, and under the older way to accumulate, which also
    drops gradients.
    """
    switch = _count(config, "switch_every")
    accumulation = _count(config, "accumulation")
    older = config.setting("accumulation.legacy")
    if not config.trains_both or switch is None or accumulation is None or (older.written and older.value != 1):
        return None
    return Cadence(switch, accumulation, rests=trainer.freezes_when_paused)


def _count(config: Config, name: str) -> int | None:
    found = config.number(name)
    return math.ceil(float(found.value)) if found is not None and 1 <= found.value <= MOST_BATCHES else None


def updates(config: Config) -> dict[Expert, int]:
    """Return how many optimizer steps reach each expert; one step may reach both.

    Empty where the settings do not tell.
    """
    found = [config.finite(name) for name in ("steps", "accumulation", "switch_every")]
    if not config.is_wan22_14b or any(each is None or each.value < 1 for each in found):
        return {}
    steps, batches, block = (int(each.value) for each in found if each is not None)
    trained = [expert for expert in Expert if config.trains(expert).value]
    if len(trained) < len(Expert):
        return dict.fromkeys(trained, steps)
    period = math.lcm(2 * block, batches) // batches
    if min(steps, period) > LONGEST_PERIOD:
        return {}
    whole, rest = divmod(steps, period)
    turns = Cadence(switch=block, accumulation=batches, rests=False)
    over_rest, over_period = turns.moves([rest, min(period, steps)])
    return {expert: whole * over_period[expert] + over_rest[expert] for expert in Expert}
