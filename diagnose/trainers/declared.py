"""What a config declares, by the names of the settings: as written, or the trainer's default where a key is absent.

Facts and rules know a setting by its name (`steps`, `clip.frames`; `knowledge/settings.yaml`). Under which key it
stands is the trainer's affair (`settings` in `knowledge/trainers/`). What is about a trainer's keys themselves reads
the config by its keys: `Config.raw`.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from diagnose.core.errors import EngineError
from diagnose.core.values import Place, Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.config import dotted as reader
from diagnose.sources.config.dotted import join
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.trainer_model import TrainerModel

GREATEST = 2**1000
"""A larger whole number is a typing error, and no double holds it."""
AUTOMAGIC = "automagic"
"""The optimizer that finds its rates by itself, between a floor and a ceiling."""
FLOW_MATCHING = "flowmatch"
"""The noise scheduler of flow matching."""
ENTRY = "[]"
"""Stands in a key for an entry of a list or of a section."""


class Setting(Struct, frozen=True):
    """A config value with its place; `written` is False when it is the trainer's default."""

    value: Any
    place: Place
    written: bool

    @property
    def given(self) -> bool:
        """Whether the config gives it a value: it is written, and not as null."""
        return self.written and self.value is not None


def shown(value: object) -> str:
    """Return a config value as YAML writes it, a section or a list by what it is."""
    if isinstance(value, Mapping):
        return "a section"
    if isinstance(value, list):
        return "a list"
    plain = {None: "null", True: "true", False: "false"}
    return plain[value] if value is None or isinstance(value, bool) else str(value)


def of_entry(key: str, entry: str) -> str:
    """Return the key of one entry: `datasets[].fps` of `datasets[1]` is `datasets[1].fps`. A plain key stays.

    `entry` is the entry's key, or its name in a section.
    """
    if ENTRY not in key:
        return key
    home, _, rest = key.partition(ENTRY)
    within = entry if not entry or entry.startswith(home) else join(home, entry)
    return f"{within}{rest}"


class _View(ABC):
    """A config whose values are asked for by one kind of name. `entry` is the key of an entry, where a name has one."""

    @abstractmethod
    def setting(self, name: str, entry: str = "") -> Setting:
        """Return the value as written, else the default, else None.

        A written null is None, not the default: the trainers ask with `kwargs.get(key, default)`.
        """

    def number(self, name: str, entry: str = "") -> Setting | None:
        """Return the setting if it is a number, else None."""
        found = self.setting(name, entry)
        plain = isinstance(found.value, int | float) and not isinstance(found.value, bool)
        beyond = isinstance(found.value, int) and abs(found.value) > GREATEST
        return found if plain and not beyond else None

    def finite(self, name: str, entry: str = "") -> Setting | None:
        """Return the setting if it is a number that can be counted with, else None."""
        found = self.number(name, entry)
        return found if found is not None and math.isfinite(found.value) else None

    def text(self, name: str, entry: str = "") -> Setting | None:
        """Return the setting if it is text, else None."""
        found = self.setting(name, entry)
        return found if isinstance(found.value, str) else None

    def quoted_number(self, name: str, entry: str = "") -> float | None:
        """Return the finite number that the text of a setting spells, None where it is no text or spells none."""
        found = self.text(name, entry)
        try:
            value = float(found.value) if found is not None else math.nan
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def flag(self, name: str, entry: str = "", *, default: bool) -> Setting:
        """Return the setting's truth as Python sees it, `default` where the key is absent."""
        found = self.setting(name, entry)
        return Setting(bool(found.value) if found.written else default, found.place, found.written)

    def mapping(self, name: str, entry: str = "") -> Mapping[str, Any]:
        """Return the section of a name, empty where there is none."""
        value = self.setting(name, entry).value
        return value if isinstance(value, Mapping) else {}

    def items(self, name: str, entry: str = "") -> Sequence[Any]:
        """Return the list of a name, empty where there is none."""
        value = self.setting(name, entry).value
        return value if isinstance(value, list) else ()


class RawConfig(_View):
    """A config by the keys of its trainer, relative to the process entry. Keys that are `supposed` count as written."""

    def __init__(self, reading: ConfigReading, defaults: Mapping[str, Scalar], supposed: Mapping[str, Scalar]) -> None:
        self._reading = reading
        self._defaults = defaults
        self._read = {key: Setting(value, reader.place(reading, key), written=True) for key, value in supposed.items()}

    def setting(self, name: str, entry: str = "") -> Setting:
        """Return the value at a key, else the default of the key as it stands, else None."""
        key = of_entry(name, entry)
        if key not in self._read:  # most are asked for by several facts
            value = reader.get(self._reading, key)
            written = value is not reader.MISSING
            default = None if written else self._defaults.get(key)
            self._read[key] = Setting(value if written else default, reader.place(self._reading, key), written)
        return self._read[key]

    def holds(self, conditions: Mapping[str, Scalar], index: str = "") -> bool:
        """Return whether keys have the values asked for; false stands for absent as well.

        `index` is what "[]" in a key stands for, such as "[0]".
        """
        for path, value in conditions.items():
            found = self.setting(path.replace(ENTRY, index))
            actual = found.value if found.written else self._defaults.get(path)
            if (bool(actual) if isinstance(value, bool) else actual) != value:
                return False
        return True

    def expanded(self, path: str) -> list[tuple[str, str]]:
        """Return the keys that a key with "[]" stands for, each with its index; a plain key stands for itself."""
        name, list_mark, rest = path.partition(ENTRY)
        if not list_mark:
            return [(path, "")]
        return [(f"{name}[{index}]{rest}", f"[{index}]") for index in range(len(self.items(name)))]


class Keys:
    """Under which keys a trainer's settings stand."""

    def __init__(self, settings: Mapping[str, Sequence[str]]) -> None:
        self._settings = settings

    def key(self, name: str, entry: str = "") -> str | None:
        """Return the key of a setting, of several the one that is given; None where the trainer has none.

        Raises:
            EngineError: the setting is one of an entry, and no entry is named.
        """
        if len(keys := self._settings.get(name, ())) == 1 and ENTRY not in keys[0]:
            return keys[0]  # as most, asked for some thousand times
        keys = [of_entry(key, entry) for key in keys]
        if any(key.startswith(("[", ".")) for key in keys):
            raise EngineError(f"{name} is a setting of an entry, and no entry is named")
        return next((key for key in keys[1:] if self._is_given(key)), keys[0] if keys else None)

    def has(self, name: str) -> bool:
        """Return whether the trainer has a key for a setting; of one without, nothing is known."""
        return name in self._settings

    def called(self, name: str, entry: str = "") -> str:
        """Return what the trainer's users call a setting: its key, or the name itself where there is no key."""
        return self.key(name, entry) or name

    def entry(self, name: str, entry: object) -> str:
        """Return the key of one entry of a section, by the entry's name."""
        return join(self.called(name), str(entry))

    def name_of(self, key: str) -> str | None:
        """Return the setting that stands under a key, None where it is none that has a name."""
        plain = re.sub(r"\[\d+\]", ENTRY, key)
        return next((name for name, keys in self._settings.items() if plain in keys), None)

    def within(self, key: str, sections: Iterable[str]) -> bool:
        """Return whether a key stands in one of the sections, which are named as settings."""
        return any(key.startswith(f"{self.called(section)}.") for section in sections)

    def _is_given(self, _key: str) -> bool:
        return False


class Config(_View, Keys):
    """A config by the names of the settings, seen through a trainer's map and defaults."""

    def __init__(self, reading: ConfigReading, model: TrainerModel, supposed: Mapping[str, Scalar] = {}) -> None:
        super().__init__(model.settings)
        self.reading = reading
        self.model = model
        self.raw = RawConfig(reading, model.defaults, supposed)

    def setting(self, name: str, entry: str = "") -> Setting:
        """Return the setting; one that the trainer has no key for is not written, and has no value.

        Raises:
            EngineError: the setting is one of an entry, and no entry is named.
        """
        key = self.key(name, entry)
        return self.raw.setting(key) if key is not None else Setting(None, Place(self.reading.file), written=False)

    def place(self, name: str, entry: str = "") -> Place:
        """Return where a setting stands; for one that is absent, where its nearest section stands."""
        return self.setting(name, entry).place

    def entries(self, name: str) -> list[str]:
        """Return the keys of a list's entries, in the order written; none where there is no list."""
        home = self.called(name)
        return [join(home, index) for index in range(len(self.items(name)))]

    def named_entries(self, name: str) -> dict[str, str]:
        """Return the keys of a section's entries by the entries' names, which may hold anything."""
        return {str(entry): self.entry(name, entry) for entry in self.mapping(name)}

    def _is_given(self, key: str) -> bool:
        return self.raw.setting(key).given

    @property
    def optimizer(self) -> str | None:
        """The optimizer's name in lower case, as the trainer compares it."""
        found = self.text("optimizer")
        return found.value.lower() if found else None

    @property
    def rank(self) -> Setting | None:
        """The LoRA's rank; None where no LoRA is asked for, or where something else stands there."""
        if self.setting("rank").given:
            return self.number("rank")
        if not self.mapping("lora"):
            return None
        return Setting(self.model.rank, self.place("lora"), written=False)

    @property
    def architecture(self) -> str | None:
        """The architecture, which the trainer cuts at a colon (config_modules.py:767-768)."""
        arch = self.text("arch")
        return str(arch.value).split(":")[0] if arch is not None else None

    @property
    def is_wan22_14b(self) -> bool:
        """Whether the model is one of the two-expert WAN 2.2."""
        return self.architecture in self.model.two_experts

    @property
    def may_have_two_experts(self) -> bool:
        """Whether the model has two experts, as far as the architecture says; an absent one says nothing."""
        return self.architecture is None or self.is_wan22_14b

    @property
    def is_image_to_video(self) -> bool:
        """Whether the architecture is one that starts from a picture."""
        return self.architecture is not None and self.architecture.endswith("i2v")

    def trains(self, expert: Expert) -> Setting:
        """Return whether the config trains the expert (both, unless it says otherwise)."""
        return self.flag(f"trains.{expert.value}", default=True)

    @property
    def experts_trained(self) -> int:
        """How many of the experts are trained."""
        return sum(bool(self.trains(expert).value) for expert in Expert)

    @property
    def trains_both(self) -> bool:
        """Whether both experts are trained."""
        return self.experts_trained == len(Expert)

    def per_expert_keys(self) -> dict[str, Place]:
        """Return the optimizer's keys that are for one expert, with their places, in the order written."""
        prefixes = tuple(self.model.expert_prefixes.values())
        section = self.key("optimizer.parameters")
        return {
            key: reader.place(self.reading, join(section or "", str(key)))
            for key in self.mapping("optimizer.parameters")
            if str(key).startswith(prefixes)
        }
