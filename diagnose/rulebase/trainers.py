"""The trainer models: what each trainer does with a config, read from `knowledge/trainers/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from diagnose.model import Scalar, Trainer


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


class TrainerModel(_Strict):
    """One trainer at one commit. `defaults` maps a config path to the value an absent key has."""

    name: Trainer
    label: str
    commit: str
    defaults: Mapping[str, Scalar]
    automagic: Mapping[str, float]
    per_expert: PerExpertKeys
    alpha_schedule: AlphaScheduleModel
    freezes_when_paused: bool
    freeze_source: str


@cache
def load_trainers(knowledge_dir: Path) -> Mapping[Trainer, TrainerModel]:
    """Return the trainer models by trainer. They ship with the package, so a fault in them is a bug."""
    models = (
        TrainerModel.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted((knowledge_dir / "trainers").glob("*.yaml"))
    )
    return {model.name: model for model in models}
