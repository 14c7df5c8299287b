"""How the run went as a process: steps, end, crash, interruptions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnose.facts.config.declared import SNR_KEYS, Config
from diagnose.facts.identity import refused_key
from diagnose.facts.log.series import Series
from diagnose.facts.log.shortage import NOTHING, ran_out_of
from diagnose.facts.record import Recorder
from diagnose.model import Place
from diagnose.sources.readings import ConsoleReading, RunReadings, SessionEnd

_KEYWORD = re.compile(r"unexpected keyword argument '(\w+)'")


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run ended: finished, None where nothing tells, and the words for it."""

    finished: bool | None
    words: str
    places: tuple[Place, ...]


def steps_trained(readings: RunReadings, series: Series | None) -> tuple[int, Place] | None:
    """Return how many steps were trained, and what shows it.

    Log rows count from 0 (the fork) or leave out step 0 (upstream): either way the last row's number plus one.
    """
    found: list[tuple[int, Place]] = []
    if series is not None and series.rows:
        found.append((series.rows[-1].step + 1, series.place(series.rows[-1])))
    found += [(c.step, Place(c.file, step=c.step)) for c in readings.checkpoints if c.step is not None]
    console = readings.console
    if console is not None and console.log.rows:
        row = console.log.rows[-1]
        found.append((row.step + 1, console.log.place(row)))
    if not found and console is not None and console.sessions:
        last = console.sessions[-1]
        return 0, last.place(last.last_line)
    return max(found, key=lambda item: item[0]) if found else None


def ending(readings: RunReadings, configured: float | None) -> Ending:
    """Conclude whether the run finished, from its final checkpoint and the console."""
    finals = [c for c in readings.checkpoints if c.final]
    reached = [c for c in finals if c.step is None or configured is None or c.step >= configured]
    console = readings.console
    if reached:
        return Ending(finished=True, words="finished", places=(Place(reached[0].file, step=reached[0].step),))
    if console is not None and console.sessions:
        last = console.sessions[-1]
        at = f" at step {last.last_step}" if last.last_step is not None else ""
        place = last.place(last.last_word)
        words = {
            SessionEnd.CRASHED: f"crashed{at}",
            SessionEnd.INTERRUPTED: f"interrupted{at}",
            SessionEnd.CUT_OFF: f"cut off or still running{at}",
            SessionEnd.FINISHED: "finished",
        }
        return Ending(last.end is SessionEnd.FINISHED, words[last.end], (place,))
    if finals:
        return Ending(finished=False, words="stopped before the configured steps", places=(Place(finals[0].file),))
    if readings.checkpoints:
        return Ending(finished=False, words="no final checkpoint: stopped early or still running", places=())
    return Ending(None, "unknown", ())


def record_health(readings: RunReadings, config: Config | None, series: Series | None, record: Recorder) -> Ending:
    """Record the facts `run.*` except trainer, intent and resumes; return how the run ended."""
    steps = config.number("train.steps") if config is not None else None
    if steps is not None:
        record.known("run.steps_configured", steps.value, places=[steps.place])
    trained = steps_trained(readings, series)
    if trained is not None:
        record.known("run.steps_trained", trained[0], places=[trained[1]])
    _record_saves(readings, record)
    end = ending(readings, steps.value if steps is not None else None)
    if end.finished is not None:
        record.known("run.finished", end.finished, places=end.places, note=end.words)
    if readings.console is not None and readings.console.sessions:
        _record_crash(readings.console, config, record, finished=bool(end.finished))
    return end


def _record_saves(readings: RunReadings, record: Recorder) -> None:
    """Record the checkpoint files that are here, or the saves that the console speaks of where those are more."""
    console = readings.console
    told = console.saves if console is not None else ()
    places = [mention.at for mention in told[-1:]] or [Place(save.file) for save in readings.checkpoints[-1:]]
    if not places and console is not None and console.sessions:
        places = [console.sessions[-1].place(console.sessions[-1].last_word)]
    record.known("run.saves", max(len(readings.checkpoints), len(told)), places=places)


def _record_crash(console: ConsoleReading, config: Config | None, record: Recorder, *, finished: bool) -> None:
    last = console.sessions[-1]
    crashed = last.end is SessionEnd.CRASHED and not finished
    place = last.place(last.last_word, step=last.last_step)
    record.known("run.crashed", crashed, places=[place])
    record.known(
        "run.out_of_memory",
        len(console.out_of_memory),
        places=[mention.at for mention in console.out_of_memory[:1]],
    )
    if crashed and last.error is not None:
        record.known("run.crash_error", last.error, places=[place])
        record.known("run.ran_out_of", ran_out_of(last.error, skipped=bool(console.out_of_memory)), places=[place])
        record.known("run.crash_from_snr", "alphas_cumprod" in last.error, places=[place])
        record.known("run.crash_no_videos", "no videos found" in last.error, places=[place])
        key = refused_key(last.error)
        if key is not None:
            record.known("run.crash_from_key", key, places=[place])
        setting = _behind(last.error, config) if config is not None else None
        if setting is not None:
            record.known("run.crash_setting", setting[0], places=[setting[1]])
    elif not crashed:
        record.known("run.ran_out_of", NOTHING, places=[place])
        for name in ("run.crash_from_snr", "run.crash_no_videos"):
            record.known(name, value=False, places=[place])


def _behind(error: str, config: Config) -> tuple[str, Place] | None:
    """Return the key that an error comes from, with its place; None where the error points at none.

    An optimizer names the keyword that it does not take; the flow-matching scheduler lacks what SNR weighting reads.
    """
    keyword = _KEYWORD.search(error)
    paths = [f"train.optimizer_params.{keyword[1]}"] if keyword else []
    if "alphas_cumprod" in error:
        paths += [f"train.{key}" for key in SNR_KEYS]
    found = next(((path, setting) for path in paths if (setting := config.setting(path)).written), None)
    return (found[0].rpartition(".")[2], found[1].place) if found is not None else None
