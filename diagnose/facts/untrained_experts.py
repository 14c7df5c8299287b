"""Which experts were trained at all: what the config says and the weights show, taken together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from diagnose.core.values import Intent, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.pairs import Pair
from diagnose.trainers.declared import Config
from diagnose.weights.measurement import ExpertMeasurement

NEEDED = {Intent.MOTION: Expert.HIGH, Intent.CHARACTER: Expert.LOW, Intent.STYLE: Expert.LOW}
"""The expert that learns what the LoRA is for."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `experts.untrained`: "none", "high", "low" or "both", as the config says and the weights show.

    Each expert is judged by the latest file that holds it: the newest may be half of a pair that is still being saved,
    or whose other half could not be read. One that no file here holds may have been saved all the same.

    And `experts.needed`: the expert that the intent hangs on, "either" where the intent is unknown (INT-02 to INT-04).
    """
    config, pairs = evidence.config, evidence.pairs
    intent = evidence.intent
    said = [Place(config.reading.file)] if config is not None else [pair.place() for pair in pairs[-1:]]
    needed, note = (NEEDED[intent].value, "") if intent else ("either", "the intent is unknown")
    places = evidence.premises.intent.places or said
    record.known("experts.needed", needed, places=places, note=note)
    _record_switched_off(config, record)
    if config is None and not pairs:
        return
    latest = {expert: pair for pair in pairs for expert in pair.experts}
    untrained = dict(_untrained(config, latest))
    absent = [expert for expert in Expert if pairs and expert not in latest and expert not in untrained]
    if absent and not untrained:
        record.unknown("experts.untrained", f"no checkpoint of the {absent[0].value}-noise expert is here")
    else:
        places = tuple(untrained.values()) or tuple(pair.place() for pair in pairs[-1:])
        record.known("experts.untrained", _word(untrained), places=places)
        forgotten = record.get("experts.off_by_mistake")
        mended = forgotten is not None and forgotten.value == _word(untrained)
        record.known("experts.still_untrained", _word([] if mended else untrained), places=places)
    measured = [pair.experts[expert] for expert, pair in latest.items()]
    sizes = [(each.learned_magnitude, each.untrained_magnitude) for each in measured]
    learned = [size / untouched for size, untouched in sizes if size is not None and untouched]
    updates = [share for each in measured if (share := each.learned_share) is not None]
    for name, shares in (("experts.learned", learned), ("experts.update", updates)):
        if shares:
            record.known(name, 100 * max(shares), places=[pairs[-1].place()])


def _untrained(config: Config | None, latest: Mapping[Expert, Pair]) -> Iterator[tuple[Expert, Place]]:
    for expert in Expert:
        setting = config.trains(expert) if config is not None else None
        if setting is not None and not setting.value:
            yield expert, setting.place
        elif expert in latest and is_untouched(latest[expert].experts[expert]):
            yield expert, latest[expert].place(expert)


def _record_switched_off(config: Config | None, record: Recorder) -> None:
    """Record which experts the config leaves out, and the lengths of the run, counted over both.

    A run of one expert alone gives it every step; in a run of both it gets half of them. An expert that is off while
    the config has rates for both is off by mistake: such a config is one for a run of both.
    """
    settings = {expert: config.trains(expert) for expert in Expert} if config is not None else {}
    switched = [expert for expert, setting in settings.items() if not setting.value]
    places = [settings[expert].place for expert in switched]
    record.known("experts.switched_off", _word(switched), places=places)
    keys = config.per_expert_keys() if config is not None else {}
    prefixes = config.model.expert_prefixes.values() if config is not None else ()
    of_both = bool(prefixes) and all(any(key.startswith(prefix) for key in keys) for prefix in prefixes)
    forgotten = switched if of_both and len(switched) == 1 else []
    record.known("experts.off_by_mistake", _word(forgotten), places=places)
    record.known("experts.still_off", _word([] if forgotten else switched), places=places)
    alone = len(switched) == 1 and not forgotten
    for name in ("config.steps", "run.steps_trained"):
        found, count = record.get(name), record.number(name)
        if found is not None and count is not None:
            note = f"{count:g} steps of one expert alone, counted twice" if alone else found.note
            record.known(f"{name}_of_both", count * 2 if alone else count, places=found.places, note=note)
            if alone:
                record.known(f"{name}_alone", count, places=found.places)


def _word(experts: Collection[Expert]) -> str:
    """Return which experts these are, in one word."""
    return "none" if not experts else "both" if len(experts) == len(Expert) else next(iter(experts)).value


def is_untouched(measured: ExpertMeasurement) -> bool:
    """Whether every up matrix is still zero, as it was before training."""
    return len(measured.dead_modules) == len(measured.modules)
