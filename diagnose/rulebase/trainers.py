"""The trainer models: what each trainer does with a config, read from `knowledge/trainers/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from diagnose.model import Scalar, Trainer

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class PerExpertKeys(_Strict):
    """Whether optimizer_params.high_noise_* and low_noise_* are understood, and for which architectures."""

    supported: bool
    archs: tuple[str, ...]
    source: str


class AlphaScheduleModel(_Strict):
    """Whether network.alpha_schedule is read, and its default linear alpha."""

    read: bool
    linear_alpha: float
    source: str


class IgnoredKey(_Strict):
    """A key that is read and has no effect on a two-expert model; `path` may hold "[]" for any list item."""

    path: str
    why: str
    source: str


class Boundary(_Strict):
    """The boundary ratio between the experts; `by_name`: i2v is read from the text of name_or_path."""

    i2v: float
    other: float
    by_name: bool
    source: str


class WeightedSampling(_Strict):
    """Mean loss weight of timestep_type "weighted" over each expert's range."""

    high_mean: float
    low_mean: float
    source: str


class Media(_Strict):
    """Which files of a data set are trained on: stills beside clips, hidden files, clips of their own length."""

    stills_beside_clips: bool
    hidden: bool
    auto_frame_count: bool
    source: str


class TrainerModel(_Strict):
    """One trainer at one commit.

    `defaults` maps a config path to the value an absent key has, `keys` a section to the keys its reader asks for.
    """

    name: Trainer
    label: str
    commit: str
    defaults: Mapping[str, Scalar]
    automagic: Mapping[str, float]
    per_expert: PerExpertKeys
    alpha_schedule: AlphaScheduleModel
    freezes_when_paused: bool
    freeze_source: str
    keys: Mapping[str, frozenset[str]]
    archs: tuple[str, ...]
    ignored: tuple[IgnoredKey, ...]
    boundary: Boundary
    weighted_sampling: WeightedSampling
    drops_captions_when_cached: bool
    media: Media


@cache
def load_trainers(knowledge_dir: Path) -> Mapping[Trainer, TrainerModel]:
    """Return the trainer models by trainer. They ship with the package, so a fault in them is a bug."""
    models = (
        TrainerModel.model_validate(
            yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - the safe loader, in C where there is one
        )
        for path in sorted((knowledge_dir / "trainers").glob("*.yaml"))
    )
    return {model.name: model for model in models}
