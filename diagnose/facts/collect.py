"""Readings and measurements in, every fact out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnose.core.model import Place, Remark, Trainer
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.declared import Config
from diagnose.facts.config.effective import EffectiveRates
from diagnose.facts.config.record import record_settings
from diagnose.facts.config.saving import record_saves_ahead
from diagnose.facts.config.written_rates import record_written_rates
from diagnose.facts.experts import record_experts
from diagnose.facts.gaps.files import record_trainers
from diagnose.facts.gaps.record import Layers, record_gaps
from diagnose.facts.gaps.turns import record_clock
from diagnose.facts.known import Known
from diagnose.facts.log.health import record_health, steps_trained
from diagnose.facts.log.losses import record_losses, record_validation
from diagnose.facts.log.nan import record_nan
from diagnose.facts.log.owner import without_strange_log
from diagnose.facts.log.pace import record_pace
from diagnose.facts.log.phases import record_phases
from diagnose.facts.log.rates import record_rates
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.log.starts import record_starts
from diagnose.facts.outlook.expectation import expect
from diagnose.facts.outlook.forecast import DOCUMENT_AGREEMENT
from diagnose.facts.premises import Asked, record_premises
from diagnose.facts.ratio import live_ratio, record_ratio
from diagnose.facts.record import Recorder
from diagnose.facts.saves import record_save_size
from diagnose.facts.targets import Targets
from diagnose.facts.weights.evolution import record_evolution
from diagnose.facts.weights.strength import Pair, pair_up
from diagnose.rulebase.registry import FactDeclaration
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.readings import RunReadings
from diagnose.weights.optimizer_reading import OptimizerReading
from diagnose.weights.run import RunWeights


def collect(
    readings: RunReadings,
    weights: RunWeights,
    *,
    declarations: Mapping[str, FactDeclaration],
    trainers: Mapping[Trainer, TrainerModel],
    asked: Asked,
    optimizer: OptimizerReading | None = None,
) -> Known:
    """Derive every fact of a run: what its settings come to, what was observed, and the gaps between the two."""
    record = Recorder(declarations)
    premises = record_premises(readings, trainers, asked, record)
    config, model = premises.config, premises.model
    everything = readings
    readings, strange = without_strange_log(everything, config)
    series = build_series(readings, config)
    ending = record_health(readings, config, series, record)
    latest = record_starts(readings, series, config, record)
    record_save_size(readings, config, record)
    pairs = _pairs(readings, weights, series)
    rates = record_settings(premises, readings, trainers, asked.yardstick, record)
    _record_rates(series, latest, rates, record)
    _record_losses(series, latest, readings, config, record)
    agreement, targets = _agreement(asked, record), asked.targets
    expectation = expect(config, model, agreement, targets.longest) if config is not None else None
    record_ratio(series, live_ratio(optimizer, record), rates, expectation, targets=targets, record=record)
    record_phases(series, config, readings, record)
    evolution = record_evolution(pairs, weights, record, premises, targets, readings=readings, series=series)
    record_experts(config, pairs, record, premises.intent)
    record_trainers(premises.trainer, record)
    record_clock(series, record)
    _record_against(targets, config, record)
    if config is not None:
        record_gaps(Layers(config, model, rates, everything, series, latest, pairs), record)
    return Known(
        facts=record.facts(),
        trainer=premises.trainer,
        intent=premises.intent,
        ending=ending,
        config=config,
        series=series,
        pairs=pairs,
        evolution=evolution,
        rates=rates,
        unmeasured=(*_unmeasured(weights, pairs), *strange),
        expectation=expectation,
        trainer_model=model,
        agreement=agreement,
        targets=targets,
    )


def _record_against(targets: Targets, config: Config | None, record: Recorder) -> None:
    """Record what the settings come to beside the target numbers."""
    if config is not None:
        record_written_rates(config, targets.usual_rates, record)
        record_saves_ahead(config, targets, record)


def _pairs(readings: RunReadings, weights: RunWeights, series: Series | None) -> tuple[Pair, ...]:
    trained = steps_trained(readings, series)
    finals = frozenset(checkpoint.file for checkpoint in readings.checkpoints if checkpoint.final)
    return pair_up(weights.files, finals, trained[0] if trained else None)


def _unmeasured(weights: RunWeights, pairs: Sequence[Pair]) -> list[Remark]:
    """Return what could not be measured, and remark the files whose step or expert nothing tells: they are left out."""
    remarks = [*(remark for file in weights.files for remark in file.remarks), *weights.remarks]
    used = {file for pair in pairs for file in pair.files}
    text = "measured, but nothing tells at which step or of which expert it was saved, so it is not judged; "
    way = "rename it as the trainer does, JOB_000001000_high_noise.safetensors"
    left_out = [file for file in weights.files if file.experts and file.file not in used]
    return [*remarks, *(Remark(Place(file.file), text + way) for file in left_out)]


def _record_losses(
    series: Series | None, latest: Series | None, readings: RunReadings, config: Config | None, record: Recorder
) -> None:
    record_losses(series, record)
    record_validation(readings, record)
    record_nan(series, latest, readings, config, record)


def _record_rates(
    series: Series | None,
    latest: Series | None,
    rates: EffectiveRates | None,
    record: Recorder,
) -> None:
    known = rates.bounds if rates is not None else {}
    bounds = {e: (known[e, "min_lr"], known[e, "max_lr"]) for e in Expert} if known else {}
    record_rates(series, latest, bounds, record)
    record_pace(series, record)


def _agreement(asked: Asked, record: Recorder) -> float:
    if asked.agreement is not None:
        return asked.agreement
    # a log of zeros says that nothing was compared, as where the rates are frozen
    return record.number("log.gradient_stability") or DOCUMENT_AGREEMENT
