"""What a resume did to the settings: which of them it took from optimizer.pt, and whether that file was read at all.

A trainer that goes on from a checkpoint loads the optimizer's state, and with it some settings of the run before. Where
the state is not loaded, an adaptive optimizer starts its rates anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import compress
from math import isclose

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place, Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.logged_rates import OwnRates, own_rates
from diagnose.facts.log.series import Series
from diagnose.facts.outlook.expectation import FIXED_RATE, is_constant
from diagnose.facts.recorder import NONE, Recorder
from diagnose.rulebase.message import format_value
from diagnose.sources.log_readings import ConsoleSession
from diagnose.trainers.declared import AUTOMAGIC, Config

SHAPING = ("training", "lora", "base")
"""The sections that training depends on; saves and previews may change at any start."""
FELL = 1.5
"""A rate that is this many times lower after a resume, and back where it began, was started anew."""
BEGAN = 1.1
ALIKE = 0.01
UNREAD = "optimizer.pt could not be read"
ABSENT = "the trainer did not load an optimizer.pt: there was none, or the network had changed"
WRONG_ON_RESUME = ("resumed-rates", "resumed-labels")
"""Faults of old versions, by their id in the trainer's description, after which a resumed log shows other rates or
turns than its settings give: the version explains it, and the config is the right one."""
UNTOLD = "no console shows whether each resume loaded it, and the logged rates do not tell"
FELL_BACK = "the rates fell back to where they began"


class Changed(Struct, frozen=True):
    """A setting that was changed before a resume: what it was, what the config says now, where each stands."""

    path: str
    before: Scalar
    now: Scalar
    places: tuple[Place, ...]
    kept: bool
    """Whether the trainer went on with the value from before."""


def trusted_rows(evidence: Evidence, record: Recorder) -> Series | None:
    """Return the rows from before the first resume where the trainer's version is known to resume wrongly, else all."""
    series, starts = evidence.series, evidence.later_starts
    wrong = any(record.places("trainer.old_fault_on_resume", fault) is not None for fault in WRONG_ON_RESUME)
    if series is None or not starts or not wrong:
        return series
    rows = series.rows[: bisect_left(series.rows.steps, starts[0])]
    return replace(series, rows=rows) if rows else None


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `resume.*`."""
    config, model, console = evidence.config, evidence.model, evidence.readings.console
    if config is None or model is None:
        return
    sessions = console.sessions if console is not None else ()
    series, starts = evidence.series, evidence.later_starts
    shown = [series.place(series.rows[-1])] if series is not None else []
    if sessions:
        shown = [sessions[-1].place(_resume_line(sessions[-1]))]
    told = list(_states_by_console(sessions)) or list(_states_by_rates(series, starts, config))
    lost = [state for state in told if state is not None and state[1]]
    never = record.number("run.resumes") == 0
    if lost:
        record.known("resume.states_lost", len(lost), places=[place for place, _ in lost])
        record.known("resume.state_why", lost[-1][1], places=[lost[-1][0]])
    elif never or (None not in told and (told or sessions)):
        record.known("resume.states_lost", 0, places=shown)
    elif told:
        record.unknown("resume.states_lost", UNTOLD, places=shown)

    unloaded = lost and sessions and replace(lost[-1][0], step=None) == shown[0]
    carried = () if unloaded else model.from_optimizer_file or ()
    found = [*_changed_by_log(series, starts, config, carried), *_changed_by_console(sessions, config, carried)]
    changes = {each.path: each for each in found}
    for path, change in changes.items():
        for name, value in (("before", change.before), ("now", change.now)):
            record.known(f"resume.{name}", format_value(value), subject=path, places=change.places)
        record.known("resume.kept", change.kept, subject=path, places=change.places)
        if change.kept:
            record.known("resume.in_effect", format_value(change.before), subject=path, places=change.places)
    if not changes and (never or sum(bool(session.settings) for session in sessions) > 1):
        record.known("resume.now", NONE, subject=NONE, places=shown)


def _resume_line(session: ConsoleSession) -> int:
    return session.resume_line or session.first_line


def _states_by_console(sessions: Sequence[ConsoleSession]) -> Iterator[tuple[Place, str] | None]:
    """Yield each resume that trained on with why it lost the optimizer's state, "" if it did not; None for unknown."""
    for session in sessions:
        if session.resumed_from is None or session.first_step is None:
            continue
        place = session.place(_resume_line(session), step=session.first_step)
        if session.optimizer_loaded is not None:
            yield place, "" if session.optimizer_loaded else UNREAD
        else:
            yield (place, ABSENT) if session.whole else None


def _states_by_rates(
    series: Series | None, starts: Sequence[int], config: Config
) -> Iterator[tuple[Place, str] | None]:
    """Yield the same of each resume by the adapted rates: they are lost where one is back where the run began."""
    adapted = series if starts and config.optimizer == AUTOMAGIC else None
    courses = [_adapted(own_rates(adapted, expert)) for expert in Expert] if adapted is not None else []
    for start in starts:
        found = None
        for own in courses:
            at = bisect_left(own.rows.steps, start)
            if adapted is not None and 0 < at < len(own.rates) and (found is None or not found[1]):
                value, before, first = own.rates[at], own.rates[at - 1], own.rates[0]
                fell = before >= FELL * value and value <= BEGAN * first
                found = adapted.place(own.rows[at]), FELL_BACK if fell else ""
        yield found


def _adapted(own: OwnRates) -> OwnRates:
    """Return the rates that are the expert's alone and not zero."""
    shared = own.rows.numbers("lr_shared")
    alone = [rate != 0 and not abs(other) > 0 for rate, other in zip(own.rates, shared, strict=True)]
    return OwnRates(own.rows.where(alone), list(compress(own.rates, alone)))


def _changed_by_console(
    sessions: Sequence[ConsoleSession], config: Config, carried: Collection[str]
) -> Iterator[Changed]:
    """Yield the settings that differ between the last start, if it was a resume, and the one before it."""
    printed = [session for session in sessions if session.settings]
    if len(printed) < 2 or printed[-1].resumed_from is None:  # noqa: PLR2004 - a start and a resume
        return
    before, now = printed[-2:]
    for path, setting in now.settings.items():
        old = before.settings.get(path)
        if old is None or old.value == setting.value or path == config.called("steps"):
            continue
        if config.within(path, SHAPING):
            places = (now.place(setting.line), before.place(old.line))
            yield Changed(path, old.value, setting.value, places, path in carried)


def _changed_by_log(
    series: Series | None, starts: Sequence[int], config: Config, carried: Collection[str]
) -> Iterator[Changed]:
    """Yield a changed rate where an optimizer with a fixed one logs the rate that it goes on with."""
    written = config.finite("rate")
    if series is None or not starts or written is None or config.optimizer not in FIXED_RATE or not is_constant(config):
        return
    logged = series.rows.where([abs(rate) > 0 for rate in series.rows.numbers("lr_shared")])
    at, now = bisect_left(logged.steps, starts[-1]), float(written.value)
    if not 0 < at < len(logged):
        return
    before, rate = logged.numbers("lr_shared")[at - 1 : at + 1]
    if isclose(before, now, rel_tol=ALIKE):
        return
    key = config.called("rate")
    kept = key in carried and isclose(before, rate, rel_tol=ALIKE)
    if kept or isclose(rate, now, rel_tol=ALIKE):
        yield Changed(key, before, written.value, (written.place, series.place(logged[at])), kept)
