"""Whose turn it was and which phase, by the log and what was saved, beside the turns and phases of the config."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import fmean, median
from typing import TypeAlias

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.gaps.resume import trusted_rows
from diagnose.facts.log.series import Series
from diagnose.facts.outlook.forecast import LONGEST
from diagnose.facts.recorder import NONE, Recorder
from diagnose.facts.untrained_experts import is_untouched
from diagnose.sources.log_readings import ExpertSource, LogRow
from diagnose.sources.readings import AlphaState
from diagnose.trainers.answers import AlphaPlan
from diagnose.trainers.declared import Config
from diagnose.trainers.turns import Cadence

MOST_SPARSE = 4
"""A log with fewer rows than one in so many steps is no log of every step, and shows no missing ones."""


def record_turns(evidence: Evidence, record: Recorder) -> None:
    """Record how far logged experts and untouched weights are from the turns that the settings give them."""
    _record_untouched(evidence, record)
    series, config, cadence = trusted_rows(evidence, record), evidence.config, evidence.cadence
    if series is None or config is None or cadence is None:
        return
    rows = [row for row in series.rows if row.expert_source is ExpertSource.LOGGED]
    if not rows:
        return
    switch = config.place("switch_every")
    record.known("effective.turn", cadence.switch / cadence.accumulation, places=[switch])
    # the end of the log cuts the last turn
    turns = [[row.step for row in turn] for _, turn in groupby(rows, key=lambda row: row.expert)][:-1]
    lengths = [steps[-1] - steps[0] + 1 for steps in turns]
    if lengths:
        record.known("log.turn", median(lengths), places=[series.place(rows[-1])], samples=len(lengths))
    due = [cadence.trained(row.step) for row in rows]
    wrong = [row for row, experts in zip(rows, due, strict=True) if row.expert not in experts]
    at = wrong[0] if wrong else rows[-1]
    record.known("gap.turns", len(wrong) / len(rows), places=[series.place(at)], samples=len(rows))
    high = fmean(row.expert == Expert.HIGH for row in rows)
    record.known("log.high_share", high, places=[series.place(rows[-1])], samples=len(rows))
    expected = fmean(experts.count(Expert.HIGH) / len(experts) for experts in due)
    record.known("due.high_share", expected, places=[switch])
    _record_missing(series, rows, cadence, record)


def _record_missing(series: Series, rows: Sequence[LogRow], cadence: Cadence, record: Recorder) -> None:
    """Record by how much the share of an expert's steps without a row exceeds the other's."""
    first, last = rows[0].step, rows[-1].step
    if last - first + 1 > MOST_SPARSE * len(rows):
        return
    logged = {row.step for row in rows}
    due, unseen = dict.fromkeys(Expert, 0), dict.fromkeys(Expert, 0)
    for step in range(first, last + 1):
        turn = cadence.trained(step)
        if len(turn) == 1:
            due[turn[0]] += 1
            unseen[turn[0]] += step not in logged
    if not all(due.values()):
        return
    missing = {expert: unseen[expert] / due[expert] for expert in Expert}
    for expert, other in ((Expert.HIGH, Expert.LOW), (Expert.LOW, Expert.HIGH)):
        excess = max(0.0, missing[expert] - missing[other])
        places = [series.place(rows[-1])]
        record.known("gap.steps_missing", excess, subject=expert.value, places=places, samples=due[expert])


def _record_untouched(evidence: Evidence, record: Recorder) -> None:
    """Record the latest save in which an expert is as it was before training, 0 for none, and its steps until then.

    A file of step N holds the updates of the steps 0 to N.
    """
    config, cadence = evidence.config, evidence.cadence
    if config is None or evidence.model is None:
        return
    for expert in Expert:
        own = [pair for pair in evidence.pairs if expert in pair.experts]
        if not own:
            continue
        untouched = [pair for pair in own if is_untouched(pair.experts[expert])]
        pair, step = (untouched[-1], untouched[-1].step) if untouched else (own[0], 0)
        record.known("weights.untouched", step, subject=expert.value, places=[pair.place(expert)])
        if cadence is not None and pair.step <= LONGEST:
            had = sum(expert in cadence.trained(each) for each in range(pair.step + 1))
            switch = config.place("switch_every")
            record.known("due.steps", had, subject=expert.value, places=[switch], note=f"to step {pair.step}")


PHASES = "alpha_schedule.phases"
Entered: TypeAlias = "Sequence[tuple[str, int, Place]]"
"""Each phase as it was entered: its name, the step, and where that is told."""


def record_phases(evidence: Evidence, record: Recorder) -> None:
    """Record the phase that was reached, what the schedule allows, and how far the logged course is from it."""
    config, model, series = evidence.config, evidence.model, evidence.series
    states = evidence.readings.alpha_states
    state = max(states, key=lambda each: (each.total_steps or 0, each.file), default=None)
    entered = _entered(series, state)
    _record_progress(series, state, entered, config, record)
    plan = model.alpha_plan(config) if config is not None and model is not None else None
    if config is None or plan is None:
        return
    logged = series.rows if series is not None and series.log.abilities.phases else ()
    if series is not None and logged:
        scheduled = [row for row in logged if row.phase is not None or row.linear_alpha is not None]
        place = series.place((scheduled or logged)[-1])
        record.known("log.alpha_schedule", bool(scheduled), places=[place])
    elif state is not None:
        record.known("log.alpha_schedule", state.enabled, places=[Place(state.file)])
    enabled = config.flag("alpha_schedule.enabled", default=False)
    if enabled.value:
        if plan.first_phase is not None:
            place = plan.asked.place if plan.asked is not None else enabled.place
            record.known("effective.phase_earliest", plan.earliest, places=[place], note=f"phase {plan.first_phase}")
        place = plan.written.place if plan.written is not None else config.place("alpha_schedule")
        record.known("effective.linear_alpha", plan.alpha, places=[place])
        alphas = [(row, row.linear_alpha) for row in logged if row.linear_alpha is not None]
        if series is not None and alphas:
            row, alpha = alphas[-1]
            record.known("log.linear_alpha", alpha, places=[series.place(row)])
        if entered and config.mapping(PHASES):
            _record_gaps(entered, config, plan, record)


def _phased(series: Series | None) -> list[LogRow]:
    return [row for row in series.rows if row.phase is not None] if series is not None else []


def _entered(series: Series | None, state: AlphaState | None) -> Entered:
    """Return the phases in order, by the log's rows, else by the trainer's own state."""
    turns = [next(rows) for _, rows in groupby(_phased(series), key=lambda row: row.phase)]
    if series is not None and turns:
        return [(str(row.phase), row.step, series.place(row)) for row in turns]
    if state is None or not state.transitions:
        return []
    first = (state.transitions[0].from_phase, 0, Place(state.file))
    moves = [(move.to_phase, move.step, Place(state.file, step=move.step)) for move in state.transitions]
    return [first, *moves]


def _record_gaps(entered: Entered, config: Config, plan: AlphaPlan, record: Recorder) -> None:
    """Record a phase that the config does not have, and by how many steps at most a phase was left too early."""
    known = config.named_entries(PHASES)
    strange, place = next(((name, place) for name, _, place in entered if name not in known), (NONE, entered[-1][2]))
    record.known("gap.phase", strange, places=[place])
    early = [(0.0, entered[-1][2])]
    for (name, since, _), (_, left, place) in pairwise(entered):
        minimum = config.number("phase.min_steps", config.entry(PHASES, name))
        allowed = max(since + (minimum.value if minimum is not None else 0), plan.losses_needed - 1)
        early.append((max(0.0, allowed - left), place))
    worst, place = max(early, key=lambda item: item[0])
    record.known("gap.phase_end", worst, places=[place])


def _record_progress(
    series: Series | None, state: AlphaState | None, entered: Entered, config: Config | None, record: Recorder
) -> None:
    """Record how many phases were left, the last one, and what that one asks for before it may end."""
    phases = list(config.named_entries(PHASES)) if config is not None else []
    rows, index, stay = _phased(series), 0, None
    if series is not None and rows:
        name, since, _ = entered[-1]
        place = series.place(rows[-1])
        record.known("log.phase_transitions", len(entered) - 1, places=[place])
        record.known("log.phase_last", name, places=[place])
        phases, stay = [name], sum(row.step >= since for row in rows)
    elif state is not None:
        record.known("log.phase_transitions", len(state.transitions), places=[Place(state.file)])
        index, stay = state.phase_index or 0, state.steps_in_phase or 0
    if config is None or index >= len(phases):
        return
    entry = config.entry(PHASES, phases[index])
    record.setting("phase.min_stability", config.number("phase.min_stability", entry), note=f"phase {phases[index]}")
    minimum = config.number("phase.min_steps", entry)
    if minimum is not None and stay is not None:
        record.known("phase.min_steps_passed", stay >= minimum.value, places=[minimum.place])
