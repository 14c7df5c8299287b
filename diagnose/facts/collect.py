"""Readings and measurements in, every fact out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnose.facts.declared import Config, record_declared
from diagnose.facts.effective import EffectiveRates, record_effective
from diagnose.facts.experts import record_experts
from diagnose.facts.forecast import DOCUMENT_AGREEMENT, Forecast, forecast
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
from diagnose.facts.strength import Pair, pair_up, record_strength
from diagnose.facts.traps import record_traps
from diagnose.facts.version import read_era, record_version, trainer_then
from diagnose.model import Expert, Fact, Intent, Place, Remark, Trainer
from diagnose.rulebase.registry import FactDeclaration
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.readings import RunReadings
from diagnose.weights.measurement import FileMeasurement
from diagnose.weights.optimizer_reading import OptimizerReading

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
    rates: EffectiveRates | None
    unmeasured: tuple[Remark, ...]
    forecast: Forecast | None

    def value(self, name: str, subject: str = "run") -> Fact | None:
        """Return the fact if its value is known."""
        return next((f for f in self.facts if f.key == (name, subject) and f.known), None)


def collect(
    readings: RunReadings,
    measurements: Sequence[FileMeasurement],
    *,
    declarations: Mapping[str, FactDeclaration],
    trainers: Mapping[Trainer, TrainerModel],
    trainer: Trainer | None = None,
    intent: Intent | None = None,
    ratio_range: tuple[float, float],
    agreement: float | None = None,
    optimizer: OptimizerReading | None = None,
) -> Known:
    """Derive every fact of a run. `trainer` and `intent` are what the user said; `ratio_range` the wanted LR ratio."""
    record = Recorder(declarations)
    concluded = conclude_trainer(readings, trainers, trainer)
    era = read_era(readings)
    model = trainer_then(trainers[concluded.trainer], era) if concluded.trainer is not None else None
    # the two trainers share their defaults, so an unknown trainer is read through upstream's
    config = Config(readings.config, model or trainers[Trainer.UPSTREAM]) if readings.config is not None else None
    purpose = conclude_intent(config, intent)
    _record_identity(concluded, purpose, record)
    if model is not None:
        record_version(model, era, record)
    series = build_series(readings)
    end = record_health(readings, config, series, record)
    trained = steps_trained(readings, series)
    finals = frozenset(checkpoint.file for checkpoint in readings.checkpoints if checkpoint.final)
    pairs = pair_up(measurements, finals, trained[0] if trained else None)
    conv_modules = _record_conv_modules(readings, record)
    rates = None
    if config is not None:
        record_declared(config, record)
        rates = record_effective(config, model, conv_modules, record)
        record_traps(config, model, rates, record)
        record_keys(config, trainers, model, record)
    ceilings = {e: rates.bounds[e, "max_lr"] for e in Expert if (e, "max_lr") in rates.bounds} if rates else {}
    record_rates(series, ceilings, record)
    live = record_live_rates(optimizer, record)
    record_ratio(series, _fallback(live, optimizer, rates), record, ratio_range)
    record_losses(series, readings, record)
    record_phases(series, config, readings, record)
    record_strength(pairs, record)
    record_experts(config, pairs, record)
    expected = _forecast(config, rates, model, record, agreement)
    unmeasured = tuple(remark for file in measurements for remark in file.remarks)
    return Known(record.facts(), concluded, purpose, end, config, series, pairs, rates, unmeasured, expected)


def _fallback(live: float | None, optimizer: OptimizerReading | None, rates: EffectiveRates | None) -> Fallback | None:
    """Return the ratio to go by where the log has none: of the live rates, else of the settings in effect."""
    if live is not None and optimizer is not None:
        note = "of the live rates in the optimizer's state at the latest save; the log has no rate per expert"
        return Fallback(live, (Place(optimizer.file),), note)
    if rates is not None and rates.ratio is not None:
        return Fallback(rates.ratio, rates.places, "from the effective settings; the log has no rate per expert")
    return None


def _forecast(
    config: Config | None,
    rates: EffectiveRates | None,
    model: TrainerModel | None,
    record: Recorder,
    agreement: float | None,
) -> Forecast | None:
    """Forecast the rates with the agreement asked for, else the logged one, else the document's."""
    if config is None or rates is None or model is None:
        return None
    logged, steps = record.number("log.gradient_stability"), config.number("train.steps")
    chosen = next(p for p in (agreement, logged, DOCUMENT_AGREEMENT) if p is not None)
    return forecast(config, rates, model, chosen, int(steps.value)) if steps is not None else None


def _record_identity(concluded: TrainerVerdict, purpose: IntentVerdict, record: Recorder) -> None:
    if concluded.trainer is not None:
        places = [clue.place for clue in concluded.clues if clue.trainer is concluded.trainer]
        note = (
            "as asked with --trainer"
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
