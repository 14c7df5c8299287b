"""Values of another kind than the trainer takes: a null, text for a number, a list for a section, text for a switch.

The trainers ask for their keys with `kwargs.get(key, default)`. So an absent key has its default, but a written null
stays null and text stays text until something counts with it. Which key takes what is data (`values` and `unseen` of
`knowledge/trainers/`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnose.core.model import Place
from diagnose.facts.config.declared import GREATEST, Config, Setting, shown
from diagnose.facts.config.effective import EffectiveRates
from diagnose.facts.config.optimizer_params import SECTION, counted_with
from diagnose.facts.config.previews import first_preview, longest, makes_previews, own, shots
from diagnose.facts.record import NONE, Recorder
from diagnose.trainers.keys import KeyType, Unseen
from diagnose.trainers.model import TrainerModel

FIRST_PREVIEW = "at its first preview"
_OFF = frozenset({"false", "no", "off", "0", "n", "f", "none", "null"})
_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "whole": (lambda value: isinstance(value, int), "a whole number"),
    "number": (lambda value: isinstance(value, int | float), "a number"),
    "text": (lambda value: isinstance(value, str), "text"),
    "section": (lambda value: isinstance(value, Mapping), "a section of keys"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "switch": (lambda _: True, "true or false"),
}
_FACTS = (
    "config.null_refused",
    "config.wrong_kind",
    "config.number_as_text",
    "config.switch_as_text",
    "config.unseen_value",
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that is not what the trainer takes: its path and place, the fact that tells of it, and what that says."""

    path: str
    place: Place
    fact: str
    says: str
    source: str = ""
    meant: float | None = None


def record_values(config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record every value that stops the trainer by its kind, or that it takes for something else, a subject per key.

    An unknown trainer is seen through upstream: what the two take for a key differs by nothing here.
    """
    model = trainer or config.model
    found = {each.path: each for each in (*_misfits(config, model), *_of_parameters(config, model, rates))}
    found = {path: each for path, each in found.items() if each.fact in _FACTS}
    for each in found.values():
        note = f"{model.label}: {each.source}" if each.source else ""
        record.known(each.fact, each.says, subject=each.path, places=[each.place], note=note)
        if each.meant is not None:
            record.known("config.number_meant", each.meant, subject=each.path, places=[each.place])
    unseen = {path: (setting, entry) for path, setting, entry in _unseen(config, model)}
    for path, (setting, entry) in unseen.items():
        note = f"{model.label}: {entry.source}"
        record.known("config.unseen_value", entry.why, subject=path, places=[setting.place], note=note)
        record.known("config.unseen_is_grave", entry.grave, subject=path, places=[setting.place])
    told = {each.fact for each in found.values()} | ({"config.unseen_value"} if unseen else set())
    for fact in _FACTS:
        if fact not in told:
            record.known(fact, NONE, subject=NONE, places=[Place(config.reading.file)])


def misplaced_parts(config: Config, model: TrainerModel) -> Iterator[Misfit]:
    """Yield whole sections, lists and their entries of another kind: nothing can be put in their place."""
    yield from (each for each in _misfits(config, model) if each.fact not in _FACTS)


def _misfits(config: Config, model: TrainerModel) -> Iterator[Misfit]:
    for entry in model.values:
        for path, setting in _settings(config, entry):
            found = _judged(config, model, entry, path, setting)
            if found is not None:
                yield found


def _of_parameters(config: Config, model: TrainerModel, rates: EffectiveRates | None) -> Iterator[Misfit]:
    """Yield what is text or null among the optimizer's parameters, which are data by optimizer, not by key."""
    for key in counted_with(config, model, rates):
        path = f"{SECTION}.{key}"
        setting, number = config.setting(path), config.quoted_number(path)
        if number is not None:
            yield Misfit(path, setting.place, "config.number_as_text", f'"{setting.value}"', meant=number)
        elif setting.written and setting.value is None and key in model.counted_parameters:
            yield Misfit(path, setting.place, "config.null_refused", "within its first steps")


def _settings(config: Config, entry: KeyType) -> Iterator[tuple[str, Setting]]:
    if entry.two_experts and not config.is_wan22_14b:
        return
    for path, index in config.expanded(entry.path):
        setting = config.setting(path)
        if setting.written and config.holds(entry.when, index) and _acts(config, path):
            yield path, setting


def _acts(config: Config, path: str) -> bool:
    """Return whether some preview takes a key of `sample` from there, and not from its own entry."""
    section, _, key = path.partition(".")
    if section != "sample" or key not in config.model.keys["sample.samples"]:
        return True
    frames = config.finite("sample.num_frames")
    if key == "fps" and frames is not None and longest(config, float(frames.value)) <= 1:
        return False
    return key == "num_frames" or any(not own(config, shot, key).written for shot in shots(config))


def _judged(config: Config, model: TrainerModel, entry: KeyType, path: str, setting: Setting) -> Misfit | None:
    value = setting.value

    def misfit(fact: str, says: str, meant: float | None = None) -> Misfit:
        return Misfit(path, setting.place, fact, says, entry.source, meant)

    if "switch" in entry.takes:
        off = isinstance(value, str) and value.strip().lower() in _OFF
        return misfit("config.switch_as_text", f'"{value}"') if off else None
    when = _when(config, model, entry)
    if when is None or (value is None and entry.nullable) or any(_KINDS[kind][0](value) for kind in entry.takes):
        return None
    if "." not in path or path.endswith("]"):
        wanted = " or ".join(_KINDS[kind][1] for kind in entry.takes)
        return misfit("config.refused_setting", f"{shown(value)} stands where it takes {wanted}")
    if value is None:
        return misfit("config.null_refused", when)
    number = _meant(config, path, entry.takes)
    if number is not None:
        return misfit("config.number_as_text", f'"{value}"' if isinstance(value, str) else shown(value), number)
    wanted = " or ".join(_KINDS[kind][1] for kind in entry.takes)
    return misfit("config.wrong_kind", f"{shown(value)}, where the trainer takes {wanted}; it stops {when}")


def _when(config: Config, model: TrainerModel, entry: KeyType) -> str | None:
    """Say when the run ends; None where it never comes to that."""
    if entry.stops != FIRST_PREVIEW:
        return entry.stops
    return first_preview(config, model) if makes_previews(config) else None


def _meant(config: Config, path: str, takes: Sequence[str]) -> float | None:
    """Return the number that text spells, or the whole one that a number with a point stands for."""
    whole = "whole" in takes
    if not whole and "number" not in takes:
        return None
    value = config.setting(path).value
    number = config.quoted_number(path) if isinstance(value, str) else value
    if not isinstance(number, int | float) or not math.isfinite(number) or abs(number) > GREATEST:
        return None
    if not whole:
        return float(number)
    return int(number) if number == int(number) else None


def _unseen(config: Config, model: TrainerModel) -> Iterator[tuple[str, Setting, Unseen]]:
    for entry in model.unseen:
        for path, index in config.expanded(entry.path):
            setting = config.setting(path)
            if setting.written and config.holds(entry.when, index) and _is_one(entry, setting.value):
                yield path, setting, entry


def _is_one(entry: Unseen, value: object) -> bool:
    if entry.kind is not None:
        return _KINDS[entry.kind][0](value)
    if entry.ge is not None:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= entry.ge
    if value is None:
        return "null" in entry.values
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in entry.values)
