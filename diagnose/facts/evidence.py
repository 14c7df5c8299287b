"""What every fact of a run is worked out from: one frozen context, in which each thing is worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Intent, Place, Remark
from diagnose.facts.dataset.taught_motion import taught_clips
from diagnose.facts.log.due import Due, when_due
from diagnose.facts.log.progress import Ending, how_it_ended, steps_trained
from diagnose.facts.log.series import Series, build_series, mean_agreement, without_strange_log
from diagnose.facts.log.starts import Restarts, last_start, restarts
from diagnose.facts.log.waits import Waits, waits_of
from diagnose.facts.outlook.expectation import Expectation, expect
from diagnose.facts.outlook.forecast import DOCUMENT_AGREEMENT
from diagnose.facts.premises import Asked, Premises
from diagnose.facts.targets import Targets
from diagnose.facts.weights.pairs import Pair, pair_up
from diagnose.motion.levels import Levels, levels_of
from diagnose.motion.run import RunMotion
from diagnose.motion.series import MotionSeries, follow
from diagnose.sources.readings import RunReadings
from diagnose.trainers.answers import EffectiveRates
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel
from diagnose.trainers.turns import Cadence
from diagnose.weights.measurement import OptimizerReading, RunWeights

if TYPE_CHECKING:
    from diagnose.crashes.reading import HowItEnded
    from diagnose.motion.change import Course


class Evidence(Struct, frozen=True, dict=True):
    """A run as it was found, and what follows from that and is needed by more than one fact.

    Attributes:
        everything: all that was read; `readings` leaves out a log of another job.
        premises: trainer, intent and config, as concluded.
        asked: what the user says of the run, and the targets it is held against.
        trainers: every trainer we know.
        weights: what was measured of the checkpoints.
        optimizer: what the latest optimizer.pt holds.
        ended: how the last session of the console ended; None without one.
        measured_motion: what was measured of the previews and of clips; None where nobody measured.
    """

    everything: RunReadings
    premises: Premises
    asked: Asked
    trainers: Mapping[str, TrainerModel]
    weights: RunWeights
    optimizer: OptimizerReading | None = None
    ended: HowItEnded | None = None
    measured_motion: RunMotion | None = None

    @property
    def config(self) -> Config | None:
        """The config, seen through its trainer; None where there is none."""
        return self.premises.config

    @property
    def model(self) -> TrainerModel | None:
        """The trainer at the run's version; None where it is unknown."""
        return self.premises.model

    @property
    def intent(self) -> Intent | None:
        """What the LoRA is to learn; None where nothing tells."""
        return self.premises.intent.intent

    @property
    def targets(self) -> Targets:
        """What a motion run should come to."""
        return self.asked.targets

    @property
    def readings(self) -> RunReadings:
        """What was read, without a log of another job."""
        return self._own[0]

    @property
    def strange(self) -> tuple[Remark, ...]:
        """A word on the log of another job, if there is one."""
        return self._own[1]

    @cached_property
    def _own(self) -> tuple[RunReadings, tuple[Remark, ...]]:
        return without_strange_log(self.everything, self.config)

    @cached_property
    def series(self) -> Series | None:
        """The log; None without rows."""
        return build_series(self.readings, self.config)

    @cached_property
    def restarts(self) -> Restarts | None:
        """The later starts of the trainer; None where nothing tells."""
        return restarts(self.readings, self.series, self.config)

    @property
    def later_starts(self) -> tuple[int, ...]:
        """The first steps of the later starts, as far as they trained any and are known."""
        return self.restarts.known_steps if self.restarts is not None else ()

    @cached_property
    def latest(self) -> Series | None:
        """The log's rows of the last start, the only ones that are sure to have the config's settings."""
        return last_start(self.series, self.restarts)

    @cached_property
    def due(self) -> Due | None:
        """When previews and saves were due; None without a log."""
        log = self.series.log if self.series is not None else None
        return when_due(self.readings, self.config, log.abilities) if log is not None else None

    @cached_property
    def waits(self) -> Waits | None:
        """The time between the rows of the log; None without a log."""
        if self.series is None or self.due is None:
            return None
        return waits_of(self.series, self.due, self.later_starts, self.cadence)

    @cached_property
    def trained(self) -> tuple[int, Place] | None:
        """How many steps were trained, and what shows it."""
        return steps_trained(self.readings, self.series)

    @cached_property
    def ending(self) -> Ending:
        """How the run ended."""
        steps = self.config.number("steps") if self.config is not None else None
        configured = steps.value if steps is not None else None
        return how_it_ended(self.readings, configured, self.trained[0] if self.trained is not None else None)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The measured checkpoints, step by step."""
        finals = frozenset(checkpoint.file for checkpoint in self.readings.checkpoints if checkpoint.final)
        return pair_up(self.weights.files, finals, self.trained[0] if self.trained is not None else None)

    @cached_property
    def rates(self) -> EffectiveRates | None:
        """The learning rates in effect; None without a config, or where they depend on an unknown trainer."""
        config = self.config
        return config.model.rates(config, decided=self.model is not None) if config is not None else None

    @cached_property
    def cadence(self) -> Cadence | None:
        """How the experts take turns by the settings; None where that is unknown."""
        return self.model.turns(self.config) if self.config is not None and self.model is not None else None

    @cached_property
    def motion(self) -> MotionSeries | None:
        """The previews that compare, with their motion, beside the training clips; None where nobody measured."""
        measured, config, readings = self.measured_motion, self.config, self.readings
        if measured is None:
            return None
        asked = (self.model or config.model).previews(config) if config is not None else None
        apart = asked is not None and asked.first_apart
        samples = [each for each in readings.samples if each.step or not apart]
        rate = self.asked.yardstick.frame_rates.get(config.architecture or "") if config is not None else None
        clips = taught_clips(measured.clips, readings.datasets, config, rate, decided=self.model is not None)
        return follow(samples, measured.previews, asked.entries if asked is not None else (), tuple(clips))

    @cached_property
    def motion_levels(self) -> Levels | None:
        """How strongly each prompt moves at each save; None where nobody measured."""
        return levels_of(self.motion) if self.motion is not None else None

    @cached_property
    def motion_course(self) -> Course | None:
        """What the previews say of a change of the motion; None where they are too few."""
        if self.motion_levels is None or not self.motion_levels.enough:
            return None
        from diagnose.motion.change import course_of  # noqa: PLC0415 - numpy, and few runs have previews

        return course_of(self.motion_levels)

    @cached_property
    def agreement(self) -> float:
        """Sign agreement of successive updates, 0 to 1: as asked for, else the log's mean, else the reference run's.

        A log of zeros says that nothing was compared, as where the rates are frozen.
        """
        if self.asked.agreement is not None:
            return self.asked.agreement
        logged = mean_agreement(self.series) if self.series is not None else None
        return logged if logged is not None and 0 < logged <= 1 else DOCUMENT_AGREEMENT

    @cached_property
    def expectation(self) -> Expectation | None:
        """What the learning rates will do under the config; None without one, or where its room does not tell."""
        if self.config is None or (self.model is not None and self.rates is None):
            return None
        return expect(self.config, self.model, self.rates, self.agreement, self.targets.longest)

    def seen_through(self, model: TrainerModel) -> Evidence:
        """Return the same evidence as if this were the run's trainer."""
        config = Config(self.config.reading, model) if self.config is not None else None
        return replace(self, premises=replace(self.premises, model=model, config=config))
