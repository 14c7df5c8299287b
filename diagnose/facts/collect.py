"""Readings and measurements in, every fact out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnose.facts.dataset.record import Yardstick, record_datasets
from diagnose.facts.declared import Config, record_declared
from diagnose.facts.effective import EffectiveRates, record_effective
from diagnose.facts.evolution import Evolution, record_evolution
from diagnose.facts.expectation import Expectation, expect
from diagnose.facts.experts import record_experts
from diagnose.facts.forecast import DOCUMENT_AGREEMENT
from diagnose.facts.gaps.files import record_trainers
from diagnose.facts.gaps.record import Layers, record_gaps
from diagnose.facts.gaps.turns import record_clock
from diagnose.facts.health import Ending, record_health, steps_trained
from diagnose.facts.identity import TrainerVerdict, conclude_trainer
from diagnose.facts.intent import IntentVerdict, conclude_intent
from diagnose.facts.keys import record_keys
from diagnose.facts.live_rates import record_live_rates
from diagnose.facts.losses import record_losses
from diagnose.facts.phases import record_phases
from diagnose.facts.rates import Fallback, record_rates, record_ratio
from diagnose.facts.record import Recorder
from diagnose.facts.series import Series, build_series
from diagnose.facts.strength import Pair, pair_up
from diagnose.facts.traps import record_traps
from diagnose.facts.version import read_era, record_version, trainer_then
from diagnose.model import Expert, Fact, Intent, Place, Remark, Trainer
from diagnose.rulebase.registry import FactDeclaration
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.readings import RunReadings
from diagnose.weights.optimizer_reading import OptimizerReading
from diagnose.weights.run import RunWeights

MATRIX = 2
"""Axes of a linear module's factor."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything known about a run: the facts, and the series behind them that the report tabulates."""

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

    def value(self, name: str, subject: str = "run") -> Fact | None:
        """Return the fact if its value is known."""
        return next((f for f in self.facts if f.key == (name, subject) and f.known), None)


def collect(
    readings: RunReadings,
    weights: RunWeights,
    *,
    declarations: Mapping[str, FactDeclaration],
    trainers: Mapping[Trainer, TrainerModel],
    trainer: Trainer | None = None,
    intent: Intent | None = None,
    said_at: Mapping[str, Place] | None = None,
    ratio_range: tuple[float, float],
    yardstick: Yardstick,
    agreement: float | None = None,
    optimizer: OptimizerReading | None = None,
) -> Known:
    """Derive every fact of a run.

    `trainer` and `intent` are what the user said, `said_at` where, if not on the command line; `ratio_range` is the
    wanted LR ratio, `yardstick` what data sets are held against.
    """
    record, places = Recorder(declarations), said_at or {}
    concluded = conclude_trainer(readings, trainers, trainer, places.get("trainer"))
    era = read_era(readings)
    model = trainer_then(trainers[concluded.trainer], era) if concluded.trainer is not None else None
    # the two trainers share their defaults, so an unknown trainer is read through upstream's
    config = Config(readings.config, model or trainers[Trainer.UPSTREAM]) if readings.config is not None else None
    purpose = conclude_intent(config, intent, places.get("intent"))
    _record_identity(concluded, purpose, record)
    if model is not None:
        record_version(model, era, record)
    series = build_series(readings)
    end = record_health(readings, config, series, record)
    trained = steps_trained(readings, series)
    finals = frozenset(checkpoint.file for checkpoint in readings.checkpoints if checkpoint.final)
    pairs = pair_up(weights.files, finals, trained[0] if trained else None)
    conv_modules = _record_conv_modules(readings, record)
    rates = None
    if config is not None:
        record_declared(config, record)
        rates = record_effective(config, model, conv_modules, record)
        record_traps(config, model, rates, record)
        record_keys(config, trainers, model, record)
        record_datasets(readings.datasets, config, model, yardstick, record)
    ceilings = {e: rates.bounds[e, "max_lr"] for e in Expert if (e, "max_lr") in rates.bounds} if rates else {}
    record_rates(series, ceilings, record)
    live = record_live_rates(optimizer, record)
    record_ratio(series, _fallback(live, optimizer, rates), record, ratio_range)
    record_losses(series, readings, record)
    record_phases(series, config, readings, record)
    evolution = record_evolution(
        pairs, weights.headings, record, readings=readings, series=series, config=config, intent=purpose.intent
    )
    record_experts(config, pairs, record)
    logged = record.number("log.gradient_stability")
    # a log of zeros says that nothing was compared, as where the rates are frozen
    signs = agreement if agreement is not None else logged or DOCUMENT_AGREEMENT
    expected = expect(config, model, signs) if config is not None else None
    record_trainers(concluded, record)
    record_clock(series, record)
    if config is not None:
        record_gaps(Layers(config, model, rates, readings, series, pairs), record)
    unmeasured = (*(remark for file in weights.files for remark in file.remarks), *weights.remarks)
    return Known(
        record.facts(),
        concluded,
        purpose,
        end,
        config,
        series,
        pairs,
        evolution,
        rates,
        unmeasured,
        expected,
        model,
        signs,
    )


def _fallback(live: float | None, optimizer: OptimizerReading | None, rates: EffectiveRates | None) -> Fallback | None:
    """Return the ratio to go by where the log has none: of the live rates, else of the settings in effect."""
    if live is not None and optimizer is not None:
        note = "of the live rates in the optimizer's state at the latest save; the log has no rate per expert"
        return Fallback(live, (Place(optimizer.file),), note)
    if rates is not None and rates.ratio is not None:
        return Fallback(rates.ratio, rates.places, "from the effective settings; the log has no rate per expert")
    return None


def _record_identity(concluded: TrainerVerdict, purpose: IntentVerdict, record: Recorder) -> None:
    if concluded.trainer is not None:
        places = [clue.place for clue in concluded.clues if clue.trainer is concluded.trainer]
        note = (
            concluded.how
            if concluded.asked
            else "; ".join(clue.text for clue in concluded.clues if clue.trainer is concluded.trainer)
        )
        record.known("run.trainer", concluded.trainer.value, places=places, note=note)
    else:
        record.unknown("run.trainer", "the evidence does not decide" if concluded.clues else "nothing shows it")
    if purpose.intent is not None:
        record.known("run.intent", purpose.intent.value, places=purpose.places, note="; ".join(purpose.evidence))


def _record_conv_modules(readings: RunReadings, record: Recorder) -> int | None:
    """Count the convolution modules of the last checkpoint; a LoRA of a convolution has tensors of 4 or 5 axes."""
    if not readings.checkpoints:
        return None
    last = readings.checkpoints[-1]
    count = sum(len(tensor.shape) > MATRIX for tensor in last.tensors) // 2
    record.known("weights.conv_modules", count, places=[Place(last.file)])
    return count
