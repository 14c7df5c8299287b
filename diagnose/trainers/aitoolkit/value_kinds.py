"""Values of another kind than the trainer takes: a null, text for a number, a list for a section, text for a switch.

The trainers ask for their keys with `kwargs.get(key, default)`. So an absent key has its default, but a written null
stays null and text stays text until something counts with it. Which key takes what is data (`values` and `unseen` of
`knowledge/trainers/`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from diagnose.trainers.aitoolkit.known_keys import counted_with
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.aitoolkit.preview_entries import previews, shots
from diagnose.trainers.answers import EffectiveRates, Misfit, Previews
from diagnose.trainers.declared import GREATEST, Config, Setting, shown
from diagnose.trainers.keys import KeyType, Unseen

FIRST_PREVIEW = "at its first preview"
PREVIEWS, ENTRIES = "sample", "sample.samples"
"""The section of the previews, and the list of those with settings of their own, which go before it."""
_OFF = frozenset({"false", "no", "off", "0", "n", "f", "none", "null"})
_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "whole": (lambda value: isinstance(value, int), "a whole number"),
    "number": (lambda value: isinstance(value, int | float), "a number"),
    "text": (lambda value: isinstance(value, str), "text"),
    "section": (lambda value: isinstance(value, Mapping), "a section of keys"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "switch": (lambda _: True, "true or false"),
}


def misfits(model: AiToolkitModel, config: Config, rates: EffectiveRates | None) -> Iterator[Misfit]:
    """Yield every value of another kind; a key that is at fault twice comes twice, and its last word counts."""
    asked = previews(model, config)
    for entry in model.values:
        if entry.two_experts and not config.is_wan22_14b:
            continue
        for path, index in config.raw.expanded(entry.path):
            setting = config.raw.setting(path)
            if setting.written and config.raw.holds(entry.when, index) and _acts(config, asked, path):
                yield from _judged(config, asked, entry, path, setting)
    # what is text or null among the optimizer's parameters, which are data by optimizer, not by key
    for key in counted_with(config, model, rates):
        setting, number = config.raw.setting(key), config.raw.quoted_number(key)
        if number is not None:
            yield Misfit(key, setting.place, "text for a number", f'"{setting.value}"', meant=number)
        elif setting.written and setting.value is None and key.rpartition(".")[2] in model.counted_parameters:
            yield Misfit(key, setting.place, "null", "within its first steps")


def _acts(config: Config, asked: Previews, path: str) -> bool:
    """Return whether some preview takes a key of the previews' section from there, and not from its own entry."""
    section, _, key = path.partition(".")
    if section != PREVIEWS or key not in config.model.keys[ENTRIES]:
        return True
    if key == "fps" and asked.frames is not None and asked.frames <= 1:
        return False
    own = (config.raw.setting(f"{shot.key}.{key}").written for shot in shots(config) if shot.has_settings)
    return key == "num_frames" or any(not shot.has_settings for shot in shots(config)) or not all(own)


def _judged(config: Config, asked: Previews, entry: KeyType, path: str, setting: Setting) -> Iterator[Misfit]:
    value, at_preview = setting.value, entry.stops == FIRST_PREVIEW
    if "switch" in entry.takes:
        if isinstance(value, str) and value.strip().lower() in _OFF:
            yield Misfit(path, setting.place, "text for a switch", f'"{value}"', entry.source)
        return
    if (at_preview and not asked.made) or (value is None and entry.nullable):
        return
    if any(_KINDS[kind][0](value) for kind in entry.takes):
        return
    wanted = " or ".join(_KINDS[kind][1] for kind in entry.takes)
    when, meant = asked.first if at_preview else entry.stops, None
    if "." not in path or path.endswith("]"):
        fault, says = "part", f"{shown(value)} where the trainer takes {wanted}"
    elif value is None:
        fault, says = "null", when
    elif (meant := _meant(config, path, entry.takes)) is not None:
        fault, says = "text for a number", f'"{value}"' if isinstance(value, str) else shown(value)
    else:
        fault, says = "kind", f"{shown(value)}, where the trainer takes {wanted}; it stops {when}"
    yield Misfit(path, setting.place, fault, says, entry.source, meant)


def _meant(config: Config, path: str, takes: Sequence[str]) -> float | None:
    """Return the number that text spells, or the whole one that a number with a point stands for."""
    whole = "whole" in takes
    if not whole and "number" not in takes:
        return None
    value = config.raw.setting(path).value
    number = config.raw.quoted_number(path) if isinstance(value, str) else value
    if not isinstance(number, int | float) or not math.isfinite(number) or abs(number) > GREATEST:
        return None
    if not whole:
        return float(number)
    return int(number) if number == int(number) else None


def unseen_values(model: AiToolkitModel, config: Config) -> Iterator[tuple[str, Setting, Unseen]]:
    """Yield each value that the trainer takes and understands as nobody means it: key, value, what is known of it."""
    for entry in model.unseen:
        for path, index in config.raw.expanded(entry.path):
            setting = config.raw.setting(path)
            if setting.written and config.raw.holds(entry.when, index) and _is_one(entry, setting.value):
                yield path, setting, entry


def _is_one(entry: Unseen, value: object) -> bool:
    if entry.kind is not None:
        return _KINDS[entry.kind][0](value)
    if entry.ge is not None:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= entry.ge
    if value is None:
        return "null" in entry.values
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in entry.values)
