"""The model of ai-toolkit and its fork: what each does with a config, and how the two differ; all of it is data."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.trainers.keys import matches
from diagnose.trainers.trainer_model import Boundary, Ema, Media, TrainerModel


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


class WeightedSampling(Struct, frozen=True):
    """Mean loss weight over each expert's range of timesteps."""

    high_mean: float
    low_mean: float
    source: str


class AiToolkitModel(TrainerModel, frozen=True, kw_only=True):
    """One of the two trainers at one commit.

    `automagic` has the bounds that it starts with, `optimizers` what an optimizer takes ("*" at the end of its name
    stands for any ending; one whose constructor was not read has no entry), `counted_parameters` the parameters of any
    optimizer that a null stops, `weighted_sampling` what a key that switches a loss weighting on does.
    """

    automagic: Mapping[str, float]
    per_expert: PerExpertKeys
    alpha_schedule: AlphaScheduleModel
    freezes_when_paused: bool
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

    def optimizer(self, name: str) -> OptimizerModel | None:
        """Return what is known of an optimizer by its name in lower case; the longest of several entries decides."""
        fitting = [each for each in self.optimizers if matches(each, name)]
        return self.optimizers[max(fitting, key=len)] if fitting else None
