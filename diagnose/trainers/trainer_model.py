"""The model of a trainer: what it does with a config, built from its description in `knowledge/trainers/`.

An unknown key, a missing one or a value of another type is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, convert, to_builtins

from diagnose.core.values import Place, Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.rulebase.descriptions import with_lines
from diagnose.trainers.footprint import Footprint
from diagnose.trainers.keys import Choice, IgnoredKey, KeyType, RefusedKey, Unseen

if TYPE_CHECKING:  # they need the model themselves
    from diagnose.rulebase.domain import Network
    from diagnose.sources.log_readings import Sign
    from diagnose.trainers.answers import (
        AlphaPlan,
        EffectiveRates,
        KeyFault,
        MemoryUse,
        Misfit,
        Previews,
        Refusal,
        Scale,
        Timesteps,
    )
    from diagnose.trainers.declared import Config, Setting
    from diagnose.trainers.turns import Cadence

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


class Boundary(Struct, frozen=True):
    """The boundary ratio between the experts; `by_name`: i2v is read from the text of name_or_path."""

    i2v: float
    other: float
    by_name: bool
    source: str


class PreviewPipeline(Struct, frozen=True):
    """How previews are sampled: the sampler's name, and the shift of its noise schedule."""

    sampler: str
    shift: float
    source: str


class Ema(Struct, frozen=True):
    """Whether the switch for averages sets them up; without, the key changes nothing."""

    acts: bool
    source: str


class Media(Struct, frozen=True):
    """Which files of a data set are trained on: stills beside clips, hidden files, clips of their own length."""

    stills_beside_clips: bool
    hidden: bool
    auto_frame_count: bool
    source: str


class TrainerModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One trainer at one commit: all that is asked of any. What its room knows besides is the room's own model.

    A value or an answer that is None is unknown; a room gives the answers that it knows.

    `lines` maps a place in the code that `source` speaks of to this trainer's, `settings` a named setting to its key
    (of several the first is written, and the others go before it where they are given), `defaults` a key to the value
    it has where it is absent, `rank` is that of a network which names none, `keys` a section to the keys its reader
    asks for, `misnomers` a key of other programs to what does its work here. `stands_in`: a config for an unknown
    trainer of the room is read through this one. `two_experts` are the names of WAN 2.2
    with its two experts, `lora_job` is the kind of job that trains a LoRA, `from_optimizer_file` are the settings that
    a resume takes from the saved optimizer, whatever the config says by then. `validation_sigmas` are the noise levels
    of a validation that names none. `footprint` has the constants of what a training takes.
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
    two_experts: tuple[str, ...] = ()
    adapter_families: tuple[str, ...] = ()
    ignored: tuple[IgnoredKey, ...] = ()
    refused: tuple[RefusedKey, ...] = ()
    choices: tuple[Choice, ...] = ()
    values: tuple[KeyType, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    misnomers: Mapping[str, str] = {}
    lora_job: str | None = None
    boundary: Boundary | None = None
    ema: Ema | None = None
    media: Media | None = None
    preview_pipeline: PreviewPipeline | None = None
    drops_captions_when_cached: bool | None = None
    from_optimizer_file: frozenset[str] | None = None
    validation_sigmas: tuple[float, ...] = ()
    freeze_source: str = ""
    footprint: Footprint | None = None
    versions: tuple[VersionChange, ...] = ()

    @property
    def expert_prefixes(self) -> Mapping[str, str]:
        """How the optimizer's keys for one expert begin, by the expert's name; empty where there are none."""
        return {}

    @property
    def rates_per_expert(self) -> bool | None:
        """Whether one run may give each expert rates of its own."""
        return None

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

    def rates(self, config: Config, *, decided: bool = True) -> EffectiveRates | None:
        """Return the learning rates in effect; `decided`: this is the trainer, and no other of the room."""

    def rates_adapt(self, config: Config) -> bool | None:
        """Return whether automagic can adapt its rates; None for other optimizers, too."""

    def starting_rate(self, rate: float, optimizer: str) -> tuple[float, str] | None:
        """Return the rate an optimizer starts at where `rate` is written, and why where that is another."""

    def turns(self, config: Config) -> Cadence | None:
        """Return how the experts take turns; None where they take none, too."""

    def updates(self, config: Config) -> Mapping[Expert, int] | None:
        """Return how many optimizer steps reach each expert."""

    def scale(self, config: Config) -> Scale | None:
        """Return the LoRA's scale in training."""

    def alpha_plan(self, config: Config) -> AlphaPlan | None:
        """Return what the alpha schedule comes to; None where the trainer does not read it, too."""

    def phases_act(self, config: Config, conv_modules: int | None) -> tuple[bool, str] | None:
        """Return whether the phases of the alpha schedule reach a module, and why.

        `conv_modules` are the convolution modules of the saved network, None where none was looked at.
        """

    def timesteps(self, config: Config) -> Timesteps | None:
        """Return what timesteps are drawn by."""

    def high_loss_weight(self, config: Config) -> tuple[float, Setting, str] | None:
        """Return the mean loss weight of the high-noise range over the low-noise one, what decides it, and a note."""

    def weighs_losses(self, config: Config) -> bool | None:
        """Return whether the settings put a weight on each loss that can be zero."""

    def validates(self, config: Config) -> bool | None:
        """Return whether there will be validation losses."""

    def previews(self, config: Config) -> Previews | None:
        """Return the previews that the config asks for."""

    def memory(self, config: Config, network: Network) -> MemoryUse | None:
        """Return what lies in the GPU's memory and in the main memory, as far as it hangs on the trainer."""

    def logs(self, config: Config) -> Mapping[str, tuple[bool, Sequence[Place]]] | None:
        """Return what becomes of the logs: the facts `effective.*` of them by name, and what decides each."""

    def refusals(self, config: Config) -> Mapping[str, Refusal] | None:
        """Return every setting that stops the trainer, by its key."""

    def refused_parameters(self, config: Config, optimizer: str) -> tuple[Mapping[str, str], str] | None:
        """Return the keys that an optimizer refuses, each with the reason, and where its code is."""

    def misfits(self, config: Config, rates: EffectiveRates | None) -> Iterable[Misfit] | None:
        """Return every value of another kind; a key that is at fault twice comes twice, and its last word counts."""

    def unseen_values(self, config: Config) -> Iterable[tuple[str, Setting, Unseen]] | None:
        """Return each value that is taken and understood as nobody means it: key, value, what is known of it."""

    def hints(self, config: Config, family: Mapping[str, TrainerModel]) -> Iterable[Sign] | None:
        """Return what shows which trainer of the room the config was written for; this one stands in for it."""

    def key_faults(
        self, config: Config, family: Mapping[str, TrainerModel], *, decided: bool
    ) -> Iterable[KeyFault] | None:
        """Return the keys that are not read or have no effect; `family` are the trainers of the room by name."""


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
