"""How the run went as a process: steps, restarts, end, crash."""

from __future__ import annotations

from diagnose.core.values import Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading
from diagnose.sources.readings import RunReadings


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `run.*` except trainer and intent."""
    config, trained, end = evidence.config, evidence.trained, evidence.ending
    steps = config.number("steps") if config is not None else None
    if steps is not None:
        record.known("run.steps_configured", steps.value, places=[steps.place])
    elif evidence.readings.console is not None:
        _record_bar(evidence.readings.console, record)
    if trained is not None:
        record.known("run.steps_trained", trained[0], places=[trained[1]])
    previews = config.model.previews(config) if config is not None else None
    due = previews.first_step if previews is not None and previews.made else None
    # a run that went on after its first preview did not die of it
    outlived = [trained[1]] if due is not None and trained is not None and trained[0] > due + 1 else []
    record.known("effective.preview_outlived", bool(outlived), places=outlived)
    _record_saves(evidence.readings, record)
    if end.finished is not None:
        record.known("run.finished", end.finished, places=end.places, note=end.words)
    if trained is not None:
        places = end.places or (trained[1],)
        record.known("run.open", end.open, places=places, note=end.words)
        record.known("run.cut_short", end.cut, places=places, note=end.words)
    console, later = evidence.readings.console, evidence.restarts
    if console is not None and console.sessions:
        from diagnose.facts.log.crash import record_crash  # noqa: PLC0415 - a pre-flight has no console

        record_crash(console, evidence.ended, config, record, finished=bool(end.finished))
    if later is not None:
        note = "read from the pauses between rows" if later.samples is not None else ""
        record.known("run.resumes", len(later.steps), places=later.places, samples=later.samples, note=note)


def _record_bar(console: ConsoleReading, record: Recorder) -> None:
    """Record how many steps the bar of the last start counts to, where no config says it."""
    last = console.sessions[-1] if console.sessions else None
    if last is not None and last.total_steps is not None:
        place = last.place(last.last_line, step=last.last_step)
        record.known("run.steps_configured", last.total_steps, places=[place], note="the total of the progress bar")


def _record_saves(readings: RunReadings, record: Recorder) -> None:
    """Record the checkpoint files that are here, or the saves that the console speaks of where those are more.

    Nothing is recorded where there is neither, and the console lacks its beginning.
    """
    console = readings.console
    told = console.saves if console is not None else ()
    places = [mention.at for mention in told[-1:]] or [Place(save.file) for save in readings.checkpoints[-1:]]
    if not places and console is not None and console.sessions:
        last = console.sessions[-1]
        if not last.whole:
            return
        places = [last.place(last.last_word)]
    record.known("run.saves", max(len(readings.checkpoints), len(told)), places=places)
