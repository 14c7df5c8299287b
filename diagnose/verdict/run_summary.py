"""The run as a whole: name, trainer, intent, length, pace and data sets, and how far the thresholds reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from diagnose.facts.known import Known, Training
from diagnose.rulebase.domain import Domain
from diagnose.sources.environment.component import Component
from diagnose.sources.readings import RunReadings
from diagnose.verdict.judgement import Evidence
from diagnose.verdict.scope import left_out


class DatasetSummary(Struct, frozen=True):
    """One data set. `files`: how many of its files are trained on; None where the unknown trainer decides."""

    subject: str
    folder: str
    how: str
    files: int | None


class Pace(Struct, frozen=True):
    """How long a step took, in seconds, and how long the rest takes; None where it is not known.

    `step`, `first`, `best`, `last`: usually, in the first hundred steps, where they were quickest, and at the end.
    `slow_from`: the step from which they took longer to the end. `done_at`: when the configured steps are done, by the
    log's clock, of a run that may still be going. `lost`: the share of the logged time that went to previews, saves,
    switches of the expert, and other pauses, as far as each is known.
    """

    step: float
    first: float | None
    best: float | None
    last: float
    slow_from: int | None
    hours_left: float | None
    done_at: str | None
    lost: Mapping[str, float]


class RunSummary(Struct, frozen=True):
    """The run as a whole; None where it is not known. Durations in seconds."""

    name: str
    path: str
    trainer: str | None
    trainer_evidence: tuple[Evidence, ...]
    intent: str | None
    intent_evidence: tuple[str, ...]
    steps_configured: int | None
    steps_trained: int | None
    finished: bool | None
    ended: str
    """How it ended, in a few words: "finished", "interrupted at step 3069", ..."""
    files: tuple[str, ...]
    validity: tuple[str, ...]
    """What limits the findings of this run: thresholds that do not apply, and files that tell nothing."""
    open: bool = False
    """Whether nothing shows that the run ended: it may still be going."""
    datasets: tuple[DatasetSummary, ...] = ()
    trainings: tuple[Training, ...] = ()
    """What was trained: one training of both experts, or one for each run of a pair."""
    trainer_kind: str = ""
    """Which of its family the trainer is, in a word."""
    may_be: tuple[str, ...] = ()
    """The trainers that may have made it, by name."""
    environment: tuple[Component, ...] = ()
    """What it was made with: packages, GPU, driver, as far as console and files tell."""
    console_alone: bool = False
    """Whether nothing but the console was given."""
    resumes_from: int | None = None
    """The saved step from which the same config would go on; None where there is nothing to go on with."""
    pace: Pace | None = None
    """How long its steps took; None where the log does not tell, and for a pair."""


def about(readings: RunReadings, known: Known, domain: Domain) -> RunSummary:
    """Return the run in a few words, each with where it was read."""
    trainer = known.value("run.trainer")
    evidence = [Evidence("run.trainer", clue.text, clue.trainer, "", "run", clue.place) for clue in known.trainer.clues]
    if known.trainer.asked:
        value = str(trainer.value) if trainer else None
        evidence.insert(0, Evidence("run.trainer", "as asked", value, "", "run", known.trainer.asked))
    model = known.evidence.trainers.get(known.trainer.trainer or "")
    return RunSummary(
        name=readings.name,
        path=str(readings.path),
        trainer=known.text("run.trainer"),
        trainer_evidence=tuple(evidence),
        intent=known.text("run.intent"),
        intent_evidence=known.intent.evidence,
        steps_configured=known.count("run.steps_configured"),
        steps_trained=known.count("run.steps_trained"),
        finished=known.evidence.ending.finished,
        ended=known.evidence.ending.words,
        open=known.truth("run.open") is True,
        files=tuple(dict.fromkeys(place.file for place in readings.places)),
        validity=tuple(_validity(readings, known, domain)),
        datasets=tuple(
            DatasetSummary(each.subject, each.folder.as_posix(), each.how, known.count("dataset.files", each.subject))
            for each in readings.datasets
        ),
        trainings=known.trainings,
        trainer_kind=model.kind if model is not None else "",
        may_be=tuple(sorted(known.trainer.kin)),
        environment=readings.environment,
        console_alone=readings.console_alone,
        pace=_pace(known),
    )


_LOST = {"preview": "previews", "save": "saves", "switch": "switches", "other": "other pauses"}


def _pace(known: Known) -> Pace | None:
    step, last = known.number("log.pace"), known.number("log.pace_last")
    if step is None or last is None:
        return None
    together = {"pause": "previews and saves"} if known.truth("log.pauses_apart") is False else {}
    lost = {name: known.number(f"log.{kind}_share") for kind, name in {**together, **_LOST}.items()}
    return Pace(
        step,
        known.number("log.pace_first"),
        known.number("log.pace_best"),
        last,
        known.count("log.slow_from"),
        known.number("run.hours_left"),
        known.text("run.done_at"),
        {name: share for name, share in lost.items() if share is not None},
    )


def _validity(readings: RunReadings, known: Known, domain: Domain) -> Iterator[str]:
    """Say which thresholds do not apply here, and what no file could add where a rule asks for one."""
    comparable = known.value("weights.comparable")
    if comparable is not None and comparable.value is False:
        yield f"The thresholds on weight magnitude and weight ratio are not applied: {comparable.note}."
    elif known.truth("effective.ema"):
        yield "The saved weights are EMA averages, which lag behind the weights in training."
    alone = left_out(known, domain.titles)
    if alone is not None:
        yield (
            f"The config leaves the {domain.titles[alone]} out: what compares the two experts, or needs pairs of "
            "checkpoints, cannot be asked of this run."
        )
    for log in readings.logs:
        if log.why_empty and not log.rows:
            yield f"{log.file} has no rows, so nothing is known from it; {log.why_empty}."
