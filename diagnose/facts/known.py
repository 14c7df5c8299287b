"""What is handed on of a run: its facts, and the series behind them that the report tabulates."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.core.model import Fact, Remark
from diagnose.facts.config.declared import Config
from diagnose.facts.config.effective import EffectiveRates
from diagnose.facts.identity import TrainerVerdict
from diagnose.facts.intent import IntentVerdict
from diagnose.facts.log.health import Ending
from diagnose.facts.log.series import Series
from diagnose.facts.outlook.expectation import Expectation
from diagnose.facts.targets import Targets
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.strength import Pair
from diagnose.rulebase.trainers import TrainerModel


@dataclass(frozen=True, slots=True)
class Known:
    """Everything known about a run."""

    facts: tuple[Fact, ...]
    trainer: TrainerVerdict
    intent: IntentVerdict
    ending: Ending
    config: Config | None
    series: Series | None
    pairs: tuple[Pair, ...]
    evolution: Evolution
    rates: EffectiveRates | None
    unmeasured: tuple[Remark, ...]
    expectation: Expectation | None
    """What the rates will do under the config; None without one."""
    trainer_model: TrainerModel | None
    agreement: float
    """Sign agreement of successive updates: as asked for, else as logged, else the document's."""
    targets: Targets

    def value(self, name: str, subject: str = "run") -> Fact | None:
        """Return the fact if its value is known."""
        return next((f for f in self.facts if f.key == (name, subject) and f.known), None)
