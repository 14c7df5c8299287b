"""Whose turn it was and which phase, by the log and what was saved, beside the turns and phases of the config."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter, ne
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
from diagnose.sources.columns import there
from diagnose.sources.log_rows import NO_ROWS, ExpertSource, LogRows
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
    rows = series.rows.where([source is ExpertSource.LOGGED for source in series.rows.words("expert_source")])
    if not rows:
        return
    switch = config.place("switch_every")
    record.known("effective.turn", cadence.switch / cadence.accumulation, places=[switch])
    # the end of the log cuts the last turn
    logged, steps = rows.words("expert"), rows.steps
    begun = [0, *(at for at, (other, own) in enumerate(pairwise(logged), 1) if own != other)]
    lengths = [steps[after - 1] - steps[at] + 1 for at, after in pairwise(begun)]
    if lengths:
        record.known("log.turn", median(lengths), places=[series.place(rows[-1])], samples=len(lengths))
    due = list(map(cadence.trained, steps))
    wrong = rows.where([own not in experts for own, experts in zip(logged, due, strict=True)])
    at = wrong[0] if wrong else rows[-1]
    record.known("gap.turns", len(wrong) / len(rows), places=[series.place(at)], samples=len(rows))
    high = logged.count(Expert.HIGH) / len(rows)
    record.known("log.high_share", high, places=[series.place(rows[-1])], samples=len(rows))
    expected = fmean(experts.count(Expert.HIGH) / len(experts) for experts in due)
    record.known("due.high_share", expected, places=[switch])
    _record_missing(series, rows, cadence, record)


def _record_missing(series: Series, rows: LogRows, cadence: Cadence, record: Recorder) -> None:
    """Record by how much the share of an expert's steps without a row exceeds the other's."""
    first, last = rows[0].step, rows[-1].step
    if last - first + 1 > MOST_SPARSE * len(rows):
        return
    due, logged = (Counter(map(cadence.trained, steps)) for steps in (range(first, last + 1), rows.steps))
    if not all(due[expert,] for expert in Expert):
        return
    missing = {expert: (due[expert,] - logged[expert,]) / due[expert,] for expert in Expert}
    for expert, other in ((Expert.HIGH, Expert.LOW), (Expert.LOW, Expert.HIGH)):
        excess = max(0.0, missing[expert] - missing[other])
        places = [series.place(rows[-1])]
        record.known("gap.steps_missing", excess, subject=expert.value, places=places, samples=due[expert,])


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
    logged = series.rows if series is not None and series.log.abilities.phases else NO_ROWS
    alphas = logged.where(there(logged.numbers("linear_alpha")))
    if series is not None and logged:
        scheduled = max([part[-1] for part in (_phased(series), alphas) if part], key=attrgetter("step"), default=None)
        place = series.place(scheduled or logged[-1])
        record.known("log.alpha_schedule", scheduled is not None, places=[place])
    elif state is not None:
        record.known("log.alpha_schedule", state.enabled, places=[Place(state.file)])
    enabled = config.flag("alpha_schedule.enabled", default=False)
    if enabled.value:
        if plan.first_phase is not None:
            place = plan.asked.place if plan.asked is not None else enabled.place
            record.known("effective.phase_earliest", plan.earliest, places=[place], note=f"phase {plan.first_phase}")
        place = plan.written.place if plan.written is not None else config.place("alpha_schedule")
        record.known("effective.linear_alpha", plan.alpha, places=[place])
        if series is not None and alphas:
            last = alphas.numbers("linear_alpha")[-1]
            record.known("log.linear_alpha", last, places=[series.place(alphas[-1])])
        if entered and config.mapping(PHASES):
            _record_gaps(entered, config, plan, record)


def _phased(series: Series | None) -> LogRows:
    rows = series.rows if series is not None else NO_ROWS
    return rows.where([phase is not None for phase in rows.words("phase")])


def _entered(series: Series | None, state: AlphaState | None) -> Entered:
    """Return the phases in order, by the log's rows, else by the trainer's own state."""
    rows = _phased(series)
    phases = rows.words("phase")
    turns = rows.where(map(ne, phases, [None, *phases]))
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
        phases, stay = [name], len(rows) - bisect_left(rows.steps, since)
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
