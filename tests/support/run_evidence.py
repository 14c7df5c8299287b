"""Evidence of a run, built by hand: readings as they are, and what is worked out of them, or given in its place."""

from __future__ import annotations

from typing import Any

from builders import KNOWLEDGE, TARGETS, TRAINERS, readings
from trainer_names import BOTH, RELAXIS

from diagnose.core.values import Intent
from diagnose.facts.evidence import Evidence
from diagnose.facts.identity import IntentVerdict, TrainerVerdict
from diagnose.facts.premises import Asked, Premises
from diagnose.facts.targets import Words, Yardstick
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config
from diagnose.weights.measurement import OptimizerReading, RunWeights

YARDSTICK = Yardstick(5.0, Words(("spin", "walk"), own=False), KNOWLEDGE.domain.frame_rates, KNOWLEDGE.domain.network)


def evidence(
    config: Config | None = None,
    read: RunReadings | None = None,
    *,
    trainer: str | None = RELAXIS,
    intent: Intent | None = None,
    verdict: TrainerVerdict | None = None,
    optimizer: OptimizerReading | None = None,
    yardstick: Yardstick = YARDSTICK,
    **given: Any,
) -> Evidence:
    """Return the evidence of a run. `given` stands in for what would be worked out, such as `series` or `pairs`."""
    model = TRAINERS[trainer] if trainer is not None else None
    concluded = verdict or TrainerVerdict(trainer, (), BOTH)
    premises = Premises(concluded, IntentVerdict(intent, (), ()), model, tuple(TRAINERS.values()), config)
    asked = Asked(TARGETS, yardstick)
    found = Evidence(read or readings(), premises, asked, TRAINERS, RunWeights(), optimizer)
    vars(found).update(given)
    return found
