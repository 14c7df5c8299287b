"""The model of a trainer: what it does with a config, built from its description in `knowledge/trainers/`.

The descriptions ship with the package and are loaded on every start, so plain dataclasses hold them: an unknown or a
missing key is an error, and the types are for a test to check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from diagnose.core.model import Scalar
from diagnose.rulebase.descriptions import with_lines
from diagnose.trainers.keys import Choice, IgnoredKey, KeyType, RefusedKey, Unseen, matches


@dataclass(frozen=True, slots=True)
class PerExpertKeys:
    """Whether the optimizer's keys for one expert are understood, for which architectures, and how they begin."""

    supported: bool
    prefixes: Mapping[str, str]
    archs: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class AlphaScheduleModel:
    """Whether network.alpha_schedule is read, and its default linear alpha."""

    read: bool
    linear_alpha: float
    source: str


@dataclass(frozen=True, slots=True)
class OptimizerModel:
    """The parameters that an optimizer's constructor takes from `train.optimizer_params`; another ends the run.

    `given`: parameters it has which the trainer fills in itself, so that a second value ends the run as well.
    """

    takes: frozenset[str]
    given: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """The boundary ratio between the experts; `by_name`: i2v is read from the text of name_or_path."""

    i2v: float
    other: float
    by_name: bool
    source: str


@dataclass(frozen=True, slots=True)
class Ema:
    """Whether train.ema_config.use_ema sets averages up; without, the key changes nothing."""

    acts: bool
    source: str


@dataclass(frozen=True, slots=True)
class WeightedSampling:
    """Mean loss weight over each expert's range of timesteps."""

    high_mean: float
    low_mean: float
    source: str


@dataclass(frozen=True, slots=True)
class Media:
    """Which files of a data set are trained on: stills beside clips, hidden files, clips of their own length."""

    stills_beside_clips: bool
    hidden: bool
    auto_frame_count: bool
    source: str


@dataclass(frozen=True, slots=True)
class Since:
    """When a change came: its day, its commit, and the first version number whose every build has it."""

    day: date
    version: str
    commit: str


@dataclass(frozen=True, slots=True)
class VersionChange:
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
    overlay: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainerModel:
    """One trainer at one commit.

    `from_optimizer_file` are the settings that a resume takes from optimizer.pt, whatever the config says by then.
    `lines` maps a place in upstream's code to this trainer's, `settings` a named setting to its key (of several the
    first is written, and the others go before it where they are given), `defaults` a key to the value it has where it
    is absent, `rank` is that of a network which names none, `automagic` has the bounds that it starts with,
    `keys` a section to the keys its reader asks for, `optimizers` an optimizer to what it takes ("*" at the end of its
    name stands for any ending; one whose constructor was not read has no entry), `counted_parameters` the parameters
    of any optimizer that a null stops, `weighted_sampling` a key that
    switches a loss weighting on to what it does, `misnomers` a key of other programs to what does its work here.
    """

    name: str
    room: str
    label: str
    commit: str
    lines: Mapping[str, str]
    settings: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, Scalar]
    rank: int
    automagic: Mapping[str, float]
    per_expert: PerExpertKeys
    alpha_schedule: AlphaScheduleModel
    freezes_when_paused: bool
    freeze_source: str
    from_optimizer_file: frozenset[str]
    keys: Mapping[str, frozenset[str]]
    archs: tuple[str, ...]
    adapter_families: tuple[str, ...]
    ignored: tuple[IgnoredKey, ...]
    refused: tuple[RefusedKey, ...]
    choices: tuple[Choice, ...]
    values: tuple[KeyType, ...]
    unseen: tuple[Unseen, ...]
    counted_parameters: frozenset[str]
    optimizers: Mapping[str, OptimizerModel]
    misnomers: Mapping[str, str]
    boundary: Boundary
    ema: Ema
    saves_before_last_preview: bool
    weighted_sampling: Mapping[str, WeightedSampling]
    drops_captions_when_cached: bool
    media: Media
    versions: tuple[VersionChange, ...]

    def cited(self, text: str) -> str:
        """Return a text with the places that it names in upstream's code where this trainer's code has them."""
        return with_lines(text, self.lines)

    def optimizer(self, name: str) -> OptimizerModel | None:
        """Return what is known of an optimizer by its name in lower case; the longest of several entries decides."""
        fitting = [each for each in self.optimizers if matches(each, name)]
        return self.optimizers[max(fitting, key=len)] if fitting else None

    def default(self, setting: str) -> Scalar | None:
        """Return the value of a setting whose key is absent, None where it has none."""
        return next((self.defaults[key] for key in self.settings.get(setting, ())[:1] if key in self.defaults), None)

    def changed(self, setting: str) -> VersionChange | None:
        """Return the change that gave a setting the default it has now, None where it was always so."""
        keys = self.settings.get(setting, ())[:1]
        return next((c for c in self.versions for key in keys if key in c.overlay.get("defaults", {})), None)


def model_of(description: Mapping[str, Any]) -> TrainerModel:
    """Return the model of a description. An unknown or a missing key is a bug, for descriptions ship with us."""
    return TrainerModel(**{key: _part(key, value) for key, value in description.items()})


def before(model: TrainerModel, change: VersionChange) -> TrainerModel:
    """Return the model as it was before a change."""
    fields: dict[str, Any] = {}
    for key, value in change.overlay.items():
        old = getattr(model, key)
        fields[key] = {**old, **value} if isinstance(old, Mapping) else _part(key, value)
    return replace(model, **fields)


def _keys(written: str | Sequence[str]) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else tuple(written)


def _version(described: Mapping[str, Any]) -> VersionChange:
    since = described.get("since")
    return VersionChange(**{**described, "since": Since(**since) if since is not None else None})


_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "per_expert": lambda part: PerExpertKeys(**{**part, "archs": tuple(part["archs"])}),
    "alpha_schedule": lambda part: AlphaScheduleModel(**part),
    "settings": lambda part: {name: _keys(written) for name, written in part.items() if written is not None},
    "keys": lambda part: {section: frozenset(keys) for section, keys in part.items()},
    "archs": tuple,
    "from_optimizer_file": frozenset,
    "adapter_families": tuple,
    "ignored": lambda part: tuple(IgnoredKey(**each) for each in part),
    "refused": lambda part: tuple(RefusedKey(**each) for each in part),
    "choices": lambda part: tuple(Choice(**{**each, "values": tuple(each["values"])}) for each in part),
    "counted_parameters": frozenset,
    "values": lambda part: tuple(KeyType(**{**each, "takes": tuple(each["takes"])}) for each in part),
    "unseen": lambda part: tuple(Unseen(**{**each, "values": tuple(each.get("values", ()))}) for each in part),
    "optimizers": lambda part: {
        name: OptimizerModel(frozenset(each["takes"]), frozenset(each["given"]), each["source"])
        for name, each in part.items()
    },
    "boundary": lambda part: Boundary(**part),
    "ema": lambda part: Ema(**part),
    "media": lambda part: Media(**part),
    "weighted_sampling": lambda part: {key: WeightedSampling(**each) for key, each in part.items()},
    "versions": lambda part: tuple(_version(each) for each in part),
}


def _part(key: str, value: Any) -> Any:  # noqa: ANN401 (a description holds anything)
    return _PARTS[key](value) if key in _PARTS else value
