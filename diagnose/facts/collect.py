"""Readings and measurements in, every fact out: the extractors, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.facts import environment, judged_ratio, untrained_experts
from diagnose.facts.config import settings_facts
from diagnose.facts.evidence import Evidence
from diagnose.facts.gaps import checkpoint_gaps, logged_turns, rate_gaps, resume
from diagnose.facts.known import Known
from diagnose.facts.log import clock, health, loaded, logged_rates, losses, lost_time, nan, pace
from diagnose.facts.motion import broken, changes, references
from diagnose.facts.motion.beside_weights import record_agreement
from diagnose.facts.needs import needs, step_time
from diagnose.facts.premises import Asked, record_premises, versions_read
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.evolution import record_evolution
from diagnose.motion.run import RunMotion
from diagnose.rulebase.crash_kinds import CrashKind, Phase
from diagnose.rulebase.fact_declarations import FactDeclaration
from diagnose.sources.readings import RunReadings
from diagnose.trainers.trainer_model import TrainerModel
from diagnose.weights.measurement import OptimizerReading, RunWeights

Extractor: TypeAlias = "Callable[[Evidence, Recorder], None]"
EXTRACTORS: tuple[Extractor, ...] = (
    health.extract,
    loaded.extract,
    environment.extract,
    settings_facts.extract,
    needs.extract,
    logged_rates.extract,
    clock.extract,
    lost_time.extract,
    pace.extract,
    step_time.extract,
    losses.extract,
    nan.extract,
    judged_ratio.extract,
    untrained_experts.extract,
    checkpoint_gaps.extract,
    resume.extract,
    rate_gaps.extract,
    logged_turns.record_turns,
    logged_turns.record_phases,
    changes.extract,
    references.extract,
    broken.extract,
)
"""In the order in which they build on one another: the settings before what is held against them, the log before the
gaps between the two."""


def collect(
    readings: RunReadings,
    weights: RunWeights,
    motion: RunMotion | None = None,
    *,
    declarations: Mapping[str, FactDeclaration],
    trainers: Mapping[str, TrainerModel],
    asked: Asked,
    optimizer: OptimizerReading | None = None,
    kinds: Mapping[str, CrashKind] | None = None,
    phases: Mapping[str, Phase] | None = None,
) -> Known:
    """Derive every fact of a run: what its settings come to, what was observed, and the gaps between the two.

    `kinds` and `phases` are what is known of crashes.
    """
    record = Recorder(declarations)
    premises = record_premises(readings, trainers, asked, record)
    ended = None
    if readings.console is not None:
        from diagnose.crashes.session_end import with_ends  # noqa: PLC0415 - a pre-flight has no console

        known = premises.trainer
        may_be = (known.trainer,) if known.trainer is not None else known.kin
        versions = versions_read(readings, known.trainer)
        console, ended = with_ends(readings.console, kinds or {}, phases or {}, may_be, versions)
        readings = replace(readings, console=console)
    evidence = Evidence(readings, premises, asked, trainers, weights, optimizer, ended, motion)
    for extract in EXTRACTORS:
        extract(evidence, record)
    evolution = record_evolution(evidence, record)
    record_agreement(record)
    return Known(record.facts(), evidence, evolution, (*_unmeasured(evidence), *evidence.strange))


def _unmeasured(evidence: Evidence) -> list[Remark]:
    """Return what could not be measured, and remark the files whose step or expert nothing tells: they are left out."""
    weights = evidence.weights
    remarks = [*(remark for file in weights.files for remark in file.remarks), *weights.remarks]
    used = {file for pair in evidence.pairs for file in pair.files}
    text = "measured, but nothing tells at which step or of which expert it was saved, so it is not judged; "
    way = "rename it as the trainer does, JOB_000001000_high_noise.safetensors"
    left_out = [file for file in weights.files if file.experts and file.file not in used]
    return [*remarks, *(Remark(Place(file.file), text + way) for file in left_out)]
