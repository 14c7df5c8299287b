"""The fork's alpha schedule as log and state files show it, beside the schedule of the config."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from diagnose.core.values import Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series
from diagnose.facts.recorder import NONE, Recorder
from diagnose.sources.log_readings import LogRow
from diagnose.sources.readings import RunReadings
from diagnose.trainers.answers import AlphaPlan
from diagnose.trainers.declared import Config


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the phase that was reached, what the schedule allows, and how far the logged course is from it."""
    config, model, series, readings = evidence.config, evidence.model, evidence.series, evidence.readings
    _record_progress(series, config, readings, record)
    plan = model.alpha_plan(config) if config is not None and model is not None else None
    if config is None or plan is None:
        return
    enabled = config.flag("alpha_schedule.enabled", default=False)
    phases = list(config.mapping("alpha_schedule.phases"))
    if enabled.value and plan.first_phase is not None:
        place = plan.asked.place if plan.asked is not None else enabled.place
        record.known("effective.phase_earliest", plan.earliest, places=[place], note=f"phase {plan.first_phase}")
    logged = series.rows if series is not None and series.log.abilities.phases else ()
    if series is not None and logged:
        scheduled = [row for row in logged if row.phase is not None or row.linear_alpha is not None]
        row = (scheduled or logged)[-1]
        record.known("log.alpha_schedule", bool(scheduled), places=[series.place(row)])
    elif readings.alpha_states:
        state = readings.alpha_states[-1]
        record.known("log.alpha_schedule", state.enabled, places=[Place(state.file)])
    if enabled.value:
        _record_alpha(series, logged, config, plan, record)
        if phases:
            seen = tuple(_seen(series, logged, readings))
            _record_names(seen, phases, record)
            _record_ends(seen, config, plan, record)


def _record_alpha(
    series: Series | None, logged: Sequence[LogRow], config: Config, plan: AlphaPlan, record: Recorder
) -> None:
    place = plan.written.place if plan.written is not None else config.place("alpha_schedule")
    record.known("effective.linear_alpha", plan.alpha, places=[place])
    row = next((row for row in reversed(logged) if row.linear_alpha is not None), None)
    if series is not None and row is not None and row.linear_alpha is not None:
        record.known("log.linear_alpha", row.linear_alpha, places=[series.place(row)])


def _seen(series: Series | None, logged: Sequence[LogRow], readings: RunReadings) -> Iterator[tuple[str, int, Place]]:
    """Yield each phase as it was entered: its name, the step, and where that stands."""
    phased = [row for row in logged if row.phase is not None]
    if series is not None and phased:
        for before, row in zip((None, *phased), phased, strict=False):
            if before is None or before.phase != row.phase:
                yield str(row.phase), row.step, series.place(row)
    elif readings.alpha_states:
        last = max(readings.alpha_states, key=lambda state: (state.total_steps or 0, state.file))
        for index, move in enumerate(last.transitions):
            if not index:
                yield move.from_phase, 0, Place(last.file)
            yield move.to_phase, move.step, Place(last.file, step=move.step)


def _record_names(seen: Sequence[tuple[str, int, Place]], phases: Sequence[str], record: Recorder) -> None:
    strange = next(((name, place) for name, _, place in seen if name not in phases), None)
    if strange is not None:
        record.known("gap.phase", strange[0], places=[strange[1]])
    elif seen:
        record.known("gap.phase", NONE, places=[seen[-1][2]])


def _record_ends(seen: Sequence[tuple[str, int, Place]], config: Config, plan: AlphaPlan, record: Recorder) -> None:
    """Record by how many steps a phase was left before it could be, the worst of all; 0 where none was."""
    early = [(0.0, place) for _, _, place in seen[-1:]]
    for (name, entered, _), (_, left, place) in pairwise(seen):
        minimum = config.number("phase.min_steps", config.entry("alpha_schedule.phases", name))
        allowed = max(entered + (minimum.value if minimum is not None else 0), plan.losses_needed - 1)
        early.append((max(0.0, allowed - left), place))
    if early:
        worst, place = max(early, key=lambda item: item[0])
        record.known("gap.phase_end", worst, places=[place])


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
