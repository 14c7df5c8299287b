"""What the run is: its name, trainer, intent and length, with the evidence, and how far the thresholds reach it."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.known import Known
from diagnose.sources.readings import RunReadings
from diagnose.verdict import tables
from diagnose.verdict.datasets import summarise
from diagnose.verdict.evidence import Evidence
from diagnose.verdict.summary import RunSummary


def about(readings: RunReadings, known: Known) -> RunSummary:
    """Return the run in a few words, each with where it was read."""
    trainer = known.value("run.trainer")
    evidence = tuple(
        Evidence("run.trainer", clue.text, clue.trainer.value, "", "run", clue.place) for clue in known.trainer.clues
    )
    if known.trainer.asked:
        asked = Evidence(
            "run.trainer",
            "as asked",
            str(trainer.value) if trainer else None,
            "",
            "run",
            known.trainer.asked,
        )
        evidence = (asked, *evidence)
    still = known.value("run.open")
    return RunSummary(
        name=readings.name,
        path=str(readings.path),
        trainer=tables.text(known, "run.trainer"),
        trainer_evidence=evidence,
        intent=tables.text(known, "run.intent"),
        intent_evidence=known.intent.evidence,
        steps_configured=tables.count(known, "run.steps_configured"),
        steps_trained=tables.count(known, "run.steps_trained"),
        finished=known.ending.finished,
        ended=known.ending.words,
        open=still is not None and still.value is True,
        files=tuple(dict.fromkeys(place.file for place in readings.places)),
        validity=(*_validity(known), *_beyond_judging(readings, known)),
        datasets=summarise(readings.datasets, known),
    )


def _validity(known: Known) -> list[str]:
    comparable, ema = known.value("weights.comparable"), known.value("effective.ema")
    if comparable is not None and comparable.value is False:
        widths = tables.text(known, "weights.widths")
        sentence = (
            "The thresholds on weight magnitude and weight ratio were read on plain LoRA with the trainers' own "
            "initialisation, on layers 5120 and 13824 wide, so they are not applied: "
        )
        return [f"{sentence}{comparable.note} (widths here: {widths})."]
    if ema is not None and ema.value is True:
        return ["The saved weights are EMA averages, which lag behind the weights in training."]
    return []


def _beyond_judging(readings: RunReadings, known: Known) -> Iterator[str]:
    """Say what no file could add, where a rule that was not judged asks for one."""
    alone = known.value("experts.switched_off")
    if alone is not None and alone.value in {expert.value for expert in Expert}:
        yield (
            f"The config leaves the {alone.value}-noise expert out: what compares the two experts, or wants pairs of "
            "checkpoints, cannot be asked of this run."
        )
    if readings.metrics is not None and not readings.metrics.rows:
        yield (
            f"{readings.metrics.file} has no rows, so nothing is known from it; the fork writes none where one expert "
            "is trained alone with automagic."
        )
