"""Whose turn it was by the log and the saved weights, beside whose turn it was by the settings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean, median

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.gaps.resume import trusted_rows
from diagnose.facts.log.series import Series
from diagnose.facts.outlook.forecast import LONGEST
from diagnose.facts.recorder import Recorder
from diagnose.facts.untrained_experts import is_untouched
from diagnose.sources.log_readings import ExpertSource, LogRow
from diagnose.trainers.turns import Cadence

MOST_SPARSE = 4
"""A log with fewer rows than one in so many steps is no log of every step, and shows no missing ones."""


def extract(evidence: Evidence, record: Recorder) -> None:
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
    due = {row.step: tuple(cadence.trained(row.step)) for row in rows}
    wrong = [row for row in rows if row.expert not in due[row.step]]
    at = wrong[0] if wrong else rows[-1]
    record.known("gap.turns", len(wrong) / len(rows), places=[series.place(at)], samples=len(rows))
    high = fmean(row.expert == Expert.HIGH for row in rows)
    record.known("log.high_share", high, places=[series.place(rows[-1])], samples=len(rows))
    expected = fmean(due[row.step].count(Expert.HIGH) / len(due[row.step]) for row in rows)
    record.known("due.high_share", expected, places=[switch])
    _record_missing(series, rows, cadence, record)


def _record_missing(series: Series, rows: Sequence[LogRow], cadence: Cadence, record: Recorder) -> None:
    """Record by how much the share of an expert's steps without a row exceeds the other's."""
    first, last = rows[0].step, rows[-1].step
    if last - first + 1 > MOST_SPARSE * len(rows):
        return
    logged = {row.step for row in rows}
    own: dict[Expert, list[int]] = {expert: [] for expert in Expert}
    for step in range(first, last + 1):
        turn = tuple(cadence.trained(step))
        if len(turn) == 1:
            own[turn[0]].append(step)
    if not all(own.values()):
        return
    missing = {expert: fmean(step not in logged for step in steps) for expert, steps in own.items()}
    for expert, other in ((Expert.HIGH, Expert.LOW), (Expert.LOW, Expert.HIGH)):
        excess = max(0.0, missing[expert] - missing[other])
        places = [series.place(rows[-1])]
        record.known("gap.steps_missing", excess, subject=expert.value, places=places, samples=len(own[expert]))


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
