"""What is handed on of a run: its facts, the evidence behind them that the report tabulates, and its trainings.

ai-toolkit trains both experts in one training, other trainers one expert each, in a run of its own. Config, log, ending
and steps are of one training; what compares the experts is of the pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from diagnose.core.values import RUN, Fact, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.identity import IntentVerdict, TrainerVerdict
from diagnose.facts.weights.evolution import Evolution
from diagnose.trainers.declared import Config, Keys


class Training(Struct, frozen=True):
    """One training; None where it is not known.

    Attributes:
        experts: the names of the experts it trains; empty where nothing tells.
        trainer: its trainer's name.
        path: the folder of the run, or the config.
        steps_trained, steps_configured: in optimizer steps.
        ended: how it ended, in a few words.
    """

    experts: tuple[str, ...]
    trainer: str | None
    path: str
    steps_trained: int | None
    steps_configured: int | None
    ended: str

    @property
    def subject(self) -> str:
        """What facts about it have as their subject, where it is one of several: the expert that it trains."""
        return self.experts[0] if len(self.experts) == 1 else RUN


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

    def number(self, name: str, subject: str = RUN) -> float | None:
        """Return a fact's value as a number, None where it is unknown."""
        fact = self.value(name, subject)
        return float(fact.value) if fact is not None and isinstance(fact.value, int | float) else None

    def count(self, name: str, subject: str = RUN) -> int | None:
        """Return a fact's value as a whole number, None where it is unknown."""
        value = self.number(name, subject)
        return int(value) if value is not None else None

    def text(self, name: str) -> str | None:
        """Return a run fact's text, None where it is unknown."""
        fact = self.value(name)
        return str(fact.value) if fact is not None else None

    def truth(self, name: str) -> bool | None:
        """Return a run fact's truth value, None where it is unknown."""
        fact = self.value(name)
        return fact.value if fact is not None and isinstance(fact.value, bool) else None

    @cached_property
    def trainings(self) -> tuple[Training, ...]:
        """What was trained, run by run."""
        return tuple(each.training for each in self.runs or (self,))

    @property
    def training(self) -> Training:
        """The run as one training."""
        return Training(
            experts_trained(self.evidence),
            self.trainer.trainer,
            str(self.evidence.readings.path),
            self.count("run.steps_trained"),
            self.count("run.steps_configured"),
            self.evidence.ending.words,
        )

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
        candidates = self.evidence.premises.candidates
        return self.config or Keys(candidates[0].settings if candidates else {})


def experts_trained(evidence: Evidence) -> tuple[str, ...]:
    """Return the experts that a run trains: as its config says, else as its checkpoints and its log show."""
    config = evidence.config
    if config is not None:
        trained = [expert for expert in Expert if config.trains(expert).value]
        return tuple(expert.value for expert in trained) if config.may_have_two_experts else ()
    saved = {name for checkpoint in evidence.readings.checkpoints for name in checkpoint.experts}
    logged = evidence.series.experts if evidence.series is not None else frozenset()
    return tuple(expert.value for expert in Expert if expert.value in saved | logged)
