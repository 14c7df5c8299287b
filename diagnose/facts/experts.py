"""Which experts were trained at all: what the config says and the weights show, taken together."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.facts.declared import Config
from diagnose.facts.record import Recorder
from diagnose.facts.strength import Pair
from diagnose.model import Expert, Place
from diagnose.weights.measurement import ExpertMeasurement


def record_experts(config: Config | None, pairs: Sequence[Pair], record: Recorder) -> None:
    """Record `experts.untrained`: "none", "high", "low" or "both"; unknown without config and weights."""
    untrained: dict[Expert, Place] = {}
    for expert in Expert:
        setting = config.trains(expert) if config is not None else None
        if setting is not None and not setting.value:
            untrained[expert] = setting.place
        elif pairs and expert not in pairs[-1].experts:
            untrained[expert] = pairs[-1].place()
        elif pairs and is_untouched(pairs[-1].experts[expert]):
            untrained[expert] = pairs[-1].place(expert)
    if config is None and not pairs:
        return
    word = "none" if not untrained else "both" if len(untrained) == len(Expert) else next(iter(untrained)).value
    places = list(untrained.values()) or ([pairs[-1].place()] if pairs else [])
    record.known("experts.untrained", word, places=places)
    learned = [pairs[-1].experts[e] for e in Expert if e in pairs[-1].experts] if pairs else []
    shares = [
        m.magnitude / m.untrained_magnitude - 1 for m in learned if m.magnitude is not None and m.untrained_magnitude
    ]
    if shares:
        record.known("experts.learned", max(shares) * 100, places=[pairs[-1].place()])


def is_untouched(measured: ExpertMeasurement) -> bool:
    """Whether every up matrix is still zero, as it was before training."""
    return len(measured.dead_modules) == len(measured.modules)
