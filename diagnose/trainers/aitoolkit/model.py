"""The model of ai-toolkit and its fork: what each does with a config, and how the two differ; all of it is data."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.errors import EngineError
from diagnose.trainers.declared import Config
from diagnose.trainers.keys import matches
from diagnose.trainers.trainer_model import TrainerModel


class PerExpertKeys(Struct, frozen=True):
    """Whether the optimizer's keys for one expert are understood, for which architectures, and how they begin."""

    supported: bool
    prefixes: Mapping[str, str]
    archs: tuple[str, ...]
    source: str


class AlphaScheduleModel(Struct, frozen=True):
    """Whether network.alpha_schedule is read, and its default linear alpha."""

    read: bool
    linear_alpha: float
    source: str


class OptimizerModel(Struct, frozen=True):
    """The parameters that an optimizer's constructor takes from `train.optimizer_params`; another ends the run.

    `given`: parameters it has which the trainer fills in itself, so that a second value ends the run as well.
    """

    takes: frozenset[str]
    given: frozenset[str]
    source: str


class Boundary(Struct, frozen=True):
    """The boundary ratio between the experts; `by_name`: i2v is read from the text of name_or_path."""

    i2v: float
    other: float
    by_name: bool
    source: str


class Ema(Struct, frozen=True):
    """Whether train.ema_config.use_ema sets averages up; without, the key changes nothing."""

    acts: bool
    source: str


class WeightedSampling(Struct, frozen=True):
    """Mean loss weight over each expert's range of timesteps."""

    high_mean: float
    low_mean: float
    source: str


class Media(Struct, frozen=True):
    """Which files of a data set are trained on: stills beside clips, hidden files, clips of their own length."""

    stills_beside_clips: bool
    hidden: bool
    auto_frame_count: bool
    source: str


class AiToolkitModel(TrainerModel, frozen=True, kw_only=True):
    """One of the two trainers at one commit.

    `from_optimizer_file` are the settings that a resume takes from optimizer.pt, whatever the config says by then.
    `automagic` has the bounds that it starts with, `optimizers` what an optimizer takes ("*" at the end of its name
    stands for any ending; one whose constructor was not read has no entry), `counted_parameters` the parameters of any
    optimizer that a null stops, `weighted_sampling` what a key that switches a loss weighting on does.
    """

    automagic: Mapping[str, float]
    per_expert: PerExpertKeys
    alpha_schedule: AlphaScheduleModel
    freezes_when_paused: bool
    freeze_source: str
    from_optimizer_file: frozenset[str]
    counted_parameters: frozenset[str]
    optimizers: Mapping[str, OptimizerModel]
    boundary: Boundary
    ema: Ema
    saves_before_last_preview: bool
    weighted_sampling: Mapping[str, WeightedSampling]
    drops_captions_when_cached: bool
    media: Media

    @property
    def expert_prefixes(self) -> Mapping[str, str]:
        """How the optimizer's keys for one expert begin, by the expert's name."""
        return self.per_expert.prefixes

    @property
    def rates_per_expert(self) -> bool:
        """Whether one run may give each expert rates of its own."""
        return self.per_expert.supported

    @property
    def auto_frame_count(self) -> bool:
        """Whether a clip may be trained on at its own length."""
        return self.media.auto_frame_count

    def optimizer(self, name: str) -> OptimizerModel | None:
        """Return what is known of an optimizer by its name in lower case; the longest of several entries decides."""
        fitting = [each for each in self.optimizers if matches(each, name)]
        return self.optimizers[max(fitting, key=len)] if fitting else None


def toolkit_of(config: Config) -> AiToolkitModel:
    """Return the model that a config of this room is seen through.

    Raises:
        EngineError: the config is of another room.
    """
    if not isinstance(config.model, AiToolkitModel):
        raise EngineError(f"{config.model.name} is no trainer of ai-toolkit's room")
    return config.model


MODEL = AiToolkitModel
"""What the description of a trainer of this room becomes."""
