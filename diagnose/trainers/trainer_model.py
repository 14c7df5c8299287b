"""The model of a trainer: what it does with a config, built from its description in `knowledge/trainers/`.

An unknown key, a missing one or a value of another type is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct, convert, to_builtins

from diagnose.core.values import Scalar
from diagnose.rulebase.descriptions import with_lines
from diagnose.trainers.keys import Choice, IgnoredKey, KeyType, RefusedKey, Unseen

Model = TypeVar("Model", bound="TrainerModel")


class Since(Struct, frozen=True):
    """When a change came: its day, its commit, and the first version number whose every build has it."""

    day: date
    version: str
    commit: str


class VersionChange(Struct, frozen=True):
    """Something the trainer did otherwise in older versions; without `since` it is so in every release.

    Attributes:
        last_without: the newest version number whose every build lacks the change, where numbers tell.
        now, before: what holds, and what held until then.
        fault: what was wrong with a run of that time, for its reader; None where nothing is to be said about it.
        on_resume: the fault touches resumed runs only.
        overlay: the trainer's description as it was before, as far as it differs.
    """

    id: str
    now: str
    before: str
    source: str
    since: Since | None = None
    last_without: str | None = None
    fault: str | None = None
    on_resume: bool = False
    overlay: Mapping[str, Any] = {}


class TrainerModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One trainer at one commit: what is asked of any. What its room knows besides is the room's own model.

    `lines` maps a place in the code that `source` speaks of to this trainer's, `settings` a named setting to its key
    (of several the first is written, and the others go before it where they are given), `defaults` a key to the value
    it has where it is absent, `rank` is that of a network which names none, `keys` a section to the keys its reader
    asks for, `misnomers` a key of other programs to what does its work here. `stands_in`: a config for an unknown
    trainer of the room is read through this one.
    """

    name: str
    room: str
    label: str
    settings: Mapping[str, tuple[str, ...]]
    kind: str = ""
    stands_in: bool = False
    commit: str = ""
    lines: Mapping[str, str] = {}
    defaults: Mapping[str, Scalar] = {}
    rank: int | None = None
    keys: Mapping[str, frozenset[str]] = {}
    archs: tuple[str, ...] = ()
    adapter_families: tuple[str, ...] = ()
    ignored: tuple[IgnoredKey, ...] = ()
    refused: tuple[RefusedKey, ...] = ()
    choices: tuple[Choice, ...] = ()
    values: tuple[KeyType, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    misnomers: Mapping[str, str] = {}
    versions: tuple[VersionChange, ...] = ()

    @property
    def expert_prefixes(self) -> Mapping[str, str]:
        """How the optimizer's keys for one expert begin, by the expert's name; empty where there are none."""
        return {}

    @property
    def rates_per_expert(self) -> bool:
        """Whether one run may give each expert rates of its own."""
        return False

    @property
    def auto_frame_count(self) -> bool:
        """Whether a clip may be trained on at its own length."""
        return False

    def cited(self, text: str) -> str:
        """Return a text with the places that it names in upstream's code where this trainer's code has them."""
        return with_lines(text, self.lines)

    def default(self, setting: str) -> Scalar | None:
        """Return the value of a setting whose key is absent, None where it has none."""
        return next((self.defaults[key] for key in self.settings.get(setting, ())[:1] if key in self.defaults), None)

    def changed(self, setting: str) -> VersionChange | None:
        """Return the change that gave a setting the default it has now, None where it was always so."""
        keys = self.settings.get(setting, ())[:1]
        return next((c for c in self.versions for key in keys if key in c.overlay.get("defaults", {})), None)


def build(model: type[Model], description: Mapping[str, Any]) -> Model:
    """Return the model of a description. One that does not fit is a bug, for descriptions ship with us."""
    written = {name: keys for name, keys in description.get("settings", {}).items() if keys is not None}
    settings = {name: [keys] if isinstance(keys, str) else keys for name, keys in written.items()}
    return convert({**description, "settings": settings}, model)


def stand_in(models: Sequence[Model]) -> Model:
    """Return the model that stands in for an unknown one of several."""
    return next((model for model in models if model.stands_in), models[0])


def before(model: Model, change: VersionChange) -> Model:
    """Return the model as it was before a change."""
    now = to_builtins(model)
    then = {key: {**now[key], **was} if isinstance(was, Mapping) else was for key, was in change.overlay.items()}
    return convert({**now, **then}, type(model))
