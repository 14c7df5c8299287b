"""Gradient stability and the phases of the fork's alpha schedule, as log and state files show them."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

from diagnose.core.model import Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.losses import mixed_variation
from diagnose.facts.log.series import Series
from diagnose.facts.record import Recorder
from diagnose.sources.log_readings import LogRow
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


def stability_rows(rows: tuple[LogRow, ...]) -> tuple[LogRow, ...]:
    """Return the rows whose stability is their own.

    On the first step of a block the fork has no new value and repeats the other expert's last one.
    """
    kept = []
    for before, row in zip((None, *rows), rows, strict=False):
        switched = before is not None and before.expert != row.expert
        repeated = before is not None and before.gradient_stability == row.gradient_stability
        if row.gradient_stability is not None and not (switched and repeated):
            kept.append(row)
    return tuple(kept)


def mean_stability(series: Series, expert: str) -> float | None:
    """Return the expert's mean gradient stability over its own rows, None where none is logged."""
    values = [
        row.gradient_stability
        for row in stability_rows(series.rows)
        if row.expert == expert and row.gradient_stability is not None
    ]
    return fmean(values) if values else None


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record gradient stability, loss variation and the facts `log.phase_*`."""
    series = evidence.series
    if series is not None:
        _record_stability(series, record)
        variation = mixed_variation(series)
        if variation is not None:
            record.known("log.loss_cv", variation[0], places=[Place(series.log.file)], samples=variation[1])
    _record_progress(series, evidence.config, evidence.readings, record)


def _record_stability(series: Series, record: Recorder) -> None:
    rows = stability_rows(series.rows)
    values = [row.gradient_stability for row in rows if row.gradient_stability is not None]
    if values:
        places = [series.place(rows[0]), series.place(rows[-1])]
        record.known("log.gradient_stability", fmean(values), places=places, samples=len(values))
    last_r2 = next((row for row in reversed(series.rows) if row.loss_r2 is not None), None)
    if last_r2 is not None and last_r2.loss_r2 is not None:
        record.known("log.loss_r2", last_r2.loss_r2, places=[series.place(last_r2)])


def _record_progress(series: Series | None, config: Config | None, readings: RunReadings, record: Recorder) -> None:
    phased = [row for row in series.rows if row.phase is not None] if series is not None else []
    phases = list(config.mapping("alpha_schedule.phases")) if config is not None else []
    if series is not None and phased:
        names = [str(row.phase) for row in phased]
        moves = sum(a != b for a, b in pairwise(names))
        stay = next((i for i, name in enumerate(reversed(names)) if name != names[-1]), len(names))
        record.known("log.phase_transitions", moves, places=[series.place(phased[-1])])
        record.known("log.phase_last", names[-1], places=[series.place(phased[-1])])
        _record_limits(names[-1], stay, config, record)
    elif readings.alpha_states:
        last = max(readings.alpha_states, key=lambda state: (state.total_steps or 0, state.file))
        record.known("log.phase_transitions", len(last.transitions), places=[Place(last.file)])
        index = last.phase_index or 0
        if index < len(phases):
            _record_limits(str(phases[index]), last.steps_in_phase or 0, config, record)
    elif phases:
        _record_limits(str(phases[0]), None, config, record)


def _record_limits(phase: str, steps_in_phase: int | None, config: Config | None, record: Recorder) -> None:
    if config is None:
        return
    entry = config.entry("alpha_schedule.phases", phase)
    limit = config.number("phase.min_stability", entry)
    if limit is not None:
        record.known("phase.min_stability", limit.value, places=[limit.place], note=f"phase {phase}")
    minimum = config.number("phase.min_steps", entry)
    if minimum is not None and steps_in_phase is not None:
        record.known("phase.min_steps_passed", steps_in_phase >= minimum.value, places=[minimum.place])
