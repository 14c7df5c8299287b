"""What the config declares: values as written, or the trainer's default where a key is absent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnose.core.model import Place, Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.phases import PHASES, phase_path
from diagnose.facts.record import Recorder
from diagnose.sources.config import dotted as reader
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.model import TrainerModel

SNR_KEYS = ("min_snr_gamma", "snr_gamma", "learnable_snr_gos")
GREATEST = 2**1000
"""A larger whole number is a typing error, and no double holds it."""
AUTOMAGIC = "automagic"
"""The optimizer that finds its rates by itself, between a floor and a ceiling."""
WAN22_14B = frozenset({"wan22_14b", "wan22_14b_i2v"})
PER_EXPERT_PREFIXES = {Expert.HIGH: "high_noise_", Expert.LOW: "low_noise_"}
LEAST_SNR = 1e-6
DEFAULT_RANK = 4
"""Rank of a network section that names none (config_modules.py:180-182)."""


@dataclass(frozen=True, slots=True)
class Setting:
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


class Config:
    """A config seen through a trainer's defaults. Paths are relative to the process entry."""

    def __init__(self, reading: ConfigReading, model: TrainerModel) -> None:
        self.reading = reading
        self.model = model

    def setting(self, path: str) -> Setting:
        """Return the value as written, else the default, else None.

        A written null is None, not the default: the trainers ask with `kwargs.get(key, default)`.
        """
        value = reader.get(self.reading, path)
        written = value is not reader.MISSING
        return Setting(value if written else self.model.defaults.get(path), reader.place(self.reading, path), written)

    def number(self, path: str) -> Setting | None:
        """Return the setting if it is a number, else None."""
        found = self.setting(path)
        plain = isinstance(found.value, int | float) and not isinstance(found.value, bool)
        beyond = isinstance(found.value, int) and abs(found.value) > GREATEST
        return found if plain and not beyond else None

    def finite(self, path: str) -> Setting | None:
        """Return the setting if it is a number that can be counted with, else None."""
        found = self.number(path)
        return found if found is not None and math.isfinite(found.value) else None

    def text(self, path: str) -> Setting | None:
        """Return the setting if it is text, else None."""
        found = self.setting(path)
        return found if isinstance(found.value, str) else None

    def quoted_number(self, path: str) -> float | None:
        """Return the finite number that the text of a setting spells, None where it is no text or spells none."""
        found = self.text(path)
        try:
            value = float(found.value) if found is not None else math.nan
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def flag(self, path: str, *, default: bool) -> Setting:
        """Return the setting's truth as Python sees it, `default` where the key is absent."""
        found = self.setting(path)
        return Setting(bool(found.value) if found.written else default, found.place, found.written)

    def mapping(self, path: str) -> Mapping[str, Any]:
        """Return the mapping at `path`, empty where there is none."""
        value = reader.get(self.reading, path)
        return value if isinstance(value, Mapping) else {}

    def items(self, path: str) -> Sequence[Any]:
        """Return the list at `path`, empty where there is none."""
        value = reader.get(self.reading, path)
        return value if isinstance(value, list) else ()

    @property
    def optimizer(self) -> str | None:
        """The optimizer's name in lower case, as the trainer compares it."""
        found = self.text("train.optimizer")
        return found.value.lower() if found else None

    @property
    def rank(self) -> Setting | None:
        """The LoRA's rank: `rank` wins over `linear`; None without a network section or with something else there."""
        for path in ("network.rank", "network.linear"):
            if self.setting(path).given:
                return self.number(path)
        if not self.mapping("network"):
            return None
        return Setting(DEFAULT_RANK, reader.place(self.reading, "network"), written=False)

    @property
    def architecture(self) -> str | None:
        """The architecture, which the trainer cuts at a colon (config_modules.py:767-768)."""
        arch = self.text("model.arch")
        return str(arch.value).split(":")[0] if arch is not None else None

    @property
    def is_wan22_14b(self) -> bool:
        """Whether the model is one of the two-expert WAN 2.2."""
        return self.architecture in WAN22_14B

    @property
    def may_have_two_experts(self) -> bool:
        """Whether the model has two experts, as far as the architecture says; an absent one says nothing."""
        return self.architecture is None or self.is_wan22_14b

    @property
    def is_image_to_video(self) -> bool:
        """Whether the architecture is one that starts from a picture."""
        return self.architecture is not None and self.architecture.endswith("i2v")

    def holds(self, conditions: Mapping[str, Scalar], index: str = "") -> bool:
        """Return whether settings have the values asked for; false stands for absent as well.

        `index` is what "[]" in a path stands for, such as "[0]".
        """
        return all(self._has(path, value, index) for path, value in conditions.items())

    def _has(self, path: str, value: Scalar, index: str) -> bool:
        found = self.setting(path.replace("[]", index))
        actual = found.value if found.written else self.model.defaults.get(path)
        return bool(actual) is value if isinstance(value, bool) else bool(actual == value)

    def expanded(self, path: str) -> list[tuple[str, str]]:
        """Return the paths that a path with "[]" stands for, each with its index; a plain path stands for itself."""
        name, list_mark, rest = path.partition("[]")
        if not list_mark:
            return [(path, "")]
        return [(f"{name}[{index}]{rest}", f"[{index}]") for index in range(len(self.items(name)))]

    def trains(self, expert: Expert) -> Setting:
        """Return whether the config trains the expert (both, unless model_kwargs says otherwise)."""
        return self.flag(f"model.model_kwargs.train_{expert.value}_noise", default=True)

    @property
    def trains_both(self) -> bool:
        """Whether both experts are trained."""
        return all(self.trains(expert).value for expert in Expert)

    def per_expert_keys(self) -> dict[str, Place]:
        """Return the per-expert keys of optimizer_params with their places, in the order written."""
        return {
            key: reader.place(self.reading, f"train.optimizer_params.{key}")
            for key in self.mapping("train.optimizer_params")
            if str(key).startswith(tuple(PER_EXPERT_PREFIXES.values()))
        }


def record_declared(config: Config, record: Recorder) -> None:
    """Record the facts `config.*`."""
    for name, path in _NUMBERS.items():
        _record(record, name, config.number(path))
    for name, path in _TEXTS.items():
        _record(record, name, config.text(path))
    _record(record, "config.rank", config.rank)
    optimizer = config.setting("train.optimizer")
    called = "a mapping" if isinstance(optimizer.value, Mapping) else config.optimizer
    if called is not None:
        record.known("config.optimizer", called, places=[optimizer.place])
    _record_model(config, record)
    _record_schedule(config, record)
    _record_snr(config, record)
    keys = config.per_expert_keys()
    record.known("config.per_expert_keys", len(keys), places=keys.values())


_NUMBERS = {
    "config.steps": "train.steps",
    "config.batch_size": "train.batch_size",
    "config.gradient_accumulation": "train.gradient_accumulation",
    "config.save_every": "save.save_every",
    "config.sample_every": "sample.sample_every",
}
_TEXTS = {
    "config.noise_scheduler": "train.noise_scheduler",
    "config.timestep_type": "train.timestep_type",
    "config.arch": "model.arch",
    "config.name_or_path": "model.name_or_path",
}


def _record_snr(config: Config, record: Recorder) -> None:
    for key in SNR_KEYS:
        found = config.setting(f"train.{key}")
        if _asks_for_snr(found.value):
            record.known("config.snr_key", key, places=[found.place])
            return
    record.known("config.snr_key", "none", places=[config.setting("train").place])


def _asks_for_snr(value: object) -> bool:
    """Return whether the trainer takes it for a weighting: a switch, or more than 1e-6 (SDTrainer.py:1002-1009)."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value > LEAST_SNR if number and isinstance(value, int | float) else bool(value)


def _record(record: Recorder, name: str, found: Setting | None) -> None:
    if found is not None:
        value: Scalar = found.value
        note = "" if found.written else "the trainer's default; the key is absent"
        record.known(name, value, places=[found.place], note=note)


def _record_model(config: Config, record: Recorder) -> None:
    scheduler = config.text("train.noise_scheduler")
    if scheduler is not None:
        record.known("config.flow_matching", scheduler.value == "flowmatch", places=[scheduler.place])
    arch = config.text("model.arch")
    if arch is not None:
        record.known("config.is_wan22_14b", config.is_wan22_14b, places=[arch.place])
        record.known("config.family", arch.value.split(":")[0], places=[arch.place])
    for expert in Expert:
        found = config.trains(expert)
        record.known("config.trains", found.value, subject=expert.value, places=[found.place])
    ema = config.flag("train.ema_config.use_ema", default=False)
    record.known("config.ema", ema.value, places=[ema.place])


def _record_schedule(config: Config, record: Recorder) -> None:
    path = "network.alpha_schedule"
    enabled = config.flag(f"{path}.enabled", default=False)
    record.known("config.alpha_schedule", enabled.value, places=[enabled.place])
    keep, every = config.number("save.max_step_saves_to_keep"), config.number("save.save_every")
    if keep is not None and every is not None:
        record.known("config.saves_kept_span", keep.value * every.value, places=[keep.place, every.place])
    own = config.mapping(f"{path}.per_expert")
    record.known(
        "config.alpha_phases_per_expert", len(own), places=[reader.place(config.reading, f"{path}.per_expert")]
    )
    if not enabled.value:
        return
    limited = False
    for index, (phase, body) in enumerate(config.mapping(PHASES).items()):
        base = phase_path(phase)
        alpha = config.number(f"{base}.alpha")
        if index == 0 and alpha is not None:
            record.known("config.foundation_alpha", alpha.value, places=[alpha.place])
        limit = config.number(f"{base}.exit_criteria.min_gradient_stability") if isinstance(body, Mapping) else None
        if limit is not None:
            record.known("config.phase_min_stability", limit.value, subject=str(phase), places=[limit.place])
            limited = True
    if not limited:
        record.known(
            "config.phase_min_stability", 0, subject="none", places=[enabled.place], note="no phase asks for it"
        )
