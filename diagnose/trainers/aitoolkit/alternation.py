"""Which optimizer steps train which expert, how many each expert gets, and which of them move its learning rates.

The trainers count batches, not steps: after `switch_every` batches of one expert come as many of the other, the
high-noise expert first; `accumulation` batches make one optimizer step (SDTrainer.py:2245-2264, hook_train_loop).
"""

from __future__ import annotations

import math

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import Config
from diagnose.trainers.turns import Cadence

MOST_BATCHES = 10**9
"""No count in a config is greater, unless it is a typing error."""
LONGEST_PERIOD = 100_000
"""Steps after which the alternation repeats; a config with a longer period is a typing error."""


def turns(trainer: AiToolkitModel, config: Config) -> Cadence | None:
    """Return how the experts take turns; None where one trains alone, or where gradients are gathered the older way."""
    switch = _count(config, "switch_every")
    accumulation = _count(config, "accumulation")
    older = config.setting("accumulation.legacy")
    if not config.trains_both or switch is None or accumulation is None or (older.written and older.value != 1):
        return None
    return Cadence(switch, accumulation, rests=trainer.freezes_when_paused)


def _count(config: Config, name: str) -> int | None:
    found = config.number(name)
    return math.ceil(float(found.value)) if found is not None and 1 <= found.value <= MOST_BATCHES else None


def updates(_trainer: AiToolkitModel, config: Config) -> dict[Expert, int]:
    """Return how many optimizer steps reach each expert, one of which may reach both; nothing where it is unknown."""
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
    cadence = Cadence(switch=block, accumulation=batches, rests=False)
    over_rest, over_period = cadence.moves([rest, min(period, steps)])
    return {expert: whole * over_period[expert] + over_rest[expert] for expert in Expert}
