"""What is handed on of a run: its facts, and the evidence behind them that the report tabulates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from diagnose.core.values import RUN, Fact, Remark
from diagnose.facts.evidence import Evidence
from diagnose.facts.identity import IntentVerdict, TrainerVerdict
from diagnose.facts.log.progress import Ending
from diagnose.facts.log.series import Series
from diagnose.facts.outlook.expectation import Expectation
from diagnose.facts.targets import Targets
from diagnose.facts.trainings import Training, experts_trained
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.pairs import Pair
from diagnose.trainers.declared import Config, Keys
from diagnose.trainers.trainer_model import TrainerModel


class Known(Struct, frozen=True, dict=True):
    """Everything known about a run. `unmeasured` says what of its files could not be used."""

    facts: tuple[Fact, ...]
    evidence: Evidence
    evolution: Evolution
    unmeasured: tuple[Remark, ...]
    runs: tuple[Known, ...] = ()
    """What is known of each run of a pair by itself; empty where one run is all there is."""

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], Fact]:
        """The facts by name and subject."""
        return {fact.key: fact for fact in self.facts}

    def value(self, name: str, subject: str = RUN) -> Fact | None:
        """Return the fact if its value is known."""
        fact = self.by_key.get((name, subject))
        return fact if fact is not None and fact.known else None

    @cached_property
    def trainings(self) -> tuple[Training, ...]:
        """What was trained, run by run."""
        return tuple(each.training for each in self.runs or (self,))

    @property
    def training(self) -> Training:
        """The run as one training."""
        steps = (self.value(f"run.steps_{how}") for how in ("trained", "configured"))
        trained, configured = (int(float(f.value)) if f is not None and f.value is not None else None for f in steps)
        path = str(self.evidence.readings.path)
        experts = experts_trained(self.evidence)
        return Training(experts, self.trainer.trainer, path, trained, configured, self.ending.words)

    @property
    def trainer(self) -> TrainerVerdict:
        """Which trainer wrote the run, with the evidence."""
        return self.evidence.premises.trainer

    @property
    def intent(self) -> IntentVerdict:
        """What the LoRA is to learn, with the evidence."""
        return self.evidence.premises.intent

    @property
    def config(self) -> Config | None:
        """The config, seen through its trainer."""
        return self.evidence.config

    @property
    def keys(self) -> Keys:
        """Under which keys the settings stand: in the config, else in one of the first trainer that it may be for."""
        return self.config or Keys(self.evidence.premises.candidates[0].settings)

    @property
    def trainer_model(self) -> TrainerModel | None:
        """The trainer at the run's version; None where it is unknown."""
        return self.evidence.model

    @property
    def ending(self) -> Ending:
        """How the run ended."""
        return self.evidence.ending

    @property
    def series(self) -> Series | None:
        """The log."""
        return self.evidence.series

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The measured checkpoints."""
        return self.evidence.pairs

    @property
    def expectation(self) -> Expectation | None:
        """What the learning rates will do under the config; None without one."""
        return self.evidence.expectation

    @property
    def agreement(self) -> float:
        """Sign agreement of successive updates that forecasts are made for."""
        return self.evidence.agreement

    @property
    def targets(self) -> Targets:
        """What a motion run should come to."""
        return self.evidence.targets
