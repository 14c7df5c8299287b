"""NaN losses: how many, from which step, and whether they lie scattered or one after the other.

A broken clip makes a NaN wherever it is drawn; weights or settings that are broken make every batch one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series
from diagnose.facts.recorder import NONE, Recorder
from diagnose.sources.log_rows import LogRow
from diagnose.trainers.declared import Config

ALL = "all"
"""Value of `log.nan_from_start`: every loss of the log."""
RESUMED = "resumed"
"""Value of `log.nan_from_start`: every loss since the trainer was started again."""
FEWEST = 5
"""Batches in a row, all of them NaN, that are read as more than one broken clip: of three, it gives as many once in 243
times."""
FIRST_LOGGED = 1
"""Upstream's database leaves out step 0."""
BREAKS_AT_ONCE = 0.01
"""A learning rate above it may break the weights with its first update: adamw moves each weight by as much, and what a
LoRA adds to a weight of WAN is a hundredth of it."""


class NanRun(Struct, frozen=True):
    """NaN losses of consecutive batches of one expert, or of the run where the log does not name the experts."""

    expert: Expert | None
    first: LogRow
    batches: int
    starts: bool
    """Whether it begins with the expert's first batch."""
    ends: bool
    """Whether it goes on to the end of the log."""


def nan_runs(series: Series) -> list[NanRun]:
    """Return every unbroken run of NaN losses, expert by expert, in the order of the steps."""
    found = []
    for expert in (*Expert, None):
        own = series.own(expert)
        at = 0
        for nan, group in groupby(own.steps, key=series.nan_steps.__contains__):
            batches = sum(1 for _ in group)
            if nan:
                found.append(NanRun(expert, own[at], batches, starts=at == 0, ends=at + batches == len(own)))
            at += batches
    return found


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.nan_*`, `log.first_nan`, `log.dead_from` and `run.steps_sound`.

    The console's lines are the better evidence of a NaN, and the config's learning rate tells whether one update can
    have broken the weights.
    """
    series, readings = evidence.series, evidence.readings
    if series is None:
        return
    runs = nan_runs(series)
    mentions = readings.console.nan_losses if readings.console is not None else ()
    told = [mention.at for mention in mentions if mention.at.step in series.nan_steps]
    places = [*told[:1], Place(series.log.file)]

    def place_of(row: LogRow) -> Place:
        """Return where the NaN of a row is: the console's line, else the row."""
        return next((at for at in told if at.step == row.step), series.place(row))

    samples = None if series.nan_exact else len(series.rows)
    note = "" if series.nan_exact else "read from runs of losses that are exactly zero; the console output would tell"
    longest = max(runs, key=lambda run: run.batches, default=None)
    for name, value in (
        ("nan_steps", len(series.nan_steps)),
        ("nan_share", len(series.nan_steps) / len(series.rows)),
        ("nan_run", longest.batches if longest is not None else 0),
        ("nan_tail", max((run.batches for run in runs if run.ends), default=0)),
    ):
        record.known(f"log.{name}", value, places=places, samples=samples, note=note)
    start, at = _from_start(series, evidence.latest, runs, evidence.config)
    record.known("log.nan_from_start", start, places=[place_of(at)] if at else places, note=note)
    if runs:
        first = min((run.first for run in runs), key=lambda row: row.step)
        record.known("log.first_nan", first.step, places=[place_of(first)], samples=samples, note=note)
        dead = min((run.first for run in runs if run.batches >= FEWEST), key=lambda row: row.step, default=first)
        record.known("log.dead_from", dead.step, places=[place_of(dead)], samples=samples, note=note)
    trained = record.number("run.steps_trained")
    if trained is not None:
        sound = max(0, int(trained) - len(series.nan_steps))
        record.known("run.steps_sound", sound, places=places, samples=samples, note=note)


def _from_start(
    series: Series, latest: Series | None, runs: Sequence[NanRun], config: Config | None
) -> tuple[str, LogRow | None]:
    """Return whose losses were NaN from the first step on, before any update, and the row of the first."""
    if latest is not None and latest.rows and latest.rows[0].step > series.rows[0].step:
        since = latest.rows
        lost = len(since) >= FEWEST and all(step in series.nan_steps for step in since.steps)
        new = all(run.first.step >= since[0].step for run in runs if run.ends)
        return (RESUMED, since[0]) if lost and new else (NONE, None)
    if not _begins(series, config):
        return NONE, None
    dead = [run for run in runs if run.ends and run.batches >= FEWEST]
    whole = [run for run in dead if run.starts]
    if not whole or len(whole) < len(dead):  # what broke the one expert later may have broken the other before it began
        return NONE, None
    at = min((run.first for run in whole), key=lambda row: row.step)
    if len(series.nan_steps) == len(series.rows) or whole[0].expert is None:
        return ALL, at
    return whole[0].expert.value, at


def _begins(series: Series, config: Config | None) -> bool:
    """Whether the first row is of the first step, or one update cannot have broken what came before it."""
    first = series.rows[0].step
    if first == 0:
        return True
    rate = config.finite("rate") if config is not None else None
    modest = rate is not None and rate.value <= BREAKS_AT_ONCE
    return not series.log.abilities.every_step and first == FIRST_LOGGED and modest
