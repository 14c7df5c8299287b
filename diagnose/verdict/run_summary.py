"""The run in the report: name, trainer, intent and length, and the tables of experts, ratio and checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from diagnose.facts.known import Known, Training
from diagnose.facts.log.logged_rates import rates_at, ratio_of
from diagnose.facts.log.series import mean_agreement
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
    """Why thresholds of the source document do or do not apply to this run, one sentence each."""
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
    lost = {name: known.number(f"log.{kind}_share") for kind, name in _LOST.items()}
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


class ExpertFigures(Struct, frozen=True):
    """One expert in figures; None where unknown. `window` says over which steps loss and stability were taken."""

    lr_first: float | None
    lr_last: float | None
    loss_mean: float | None
    loss_std: float | None
    batches: int | None
    gradient_stability: float | None
    window: str | None
    batches_total: int | None
    magnitude: float | None
    untrained_magnitude: float | None
    update_norm: float | None
    growth: float | None
    """Growth of the magnitude over the late window, as a fraction."""
    growth_window: str | None


class LrRatio(Struct, frozen=True):
    """High over low. Declared: of the bumps or rates as written; effective: as the trainer takes them."""

    declared: float | None
    effective: float | None
    observed_last: float | None
    observed_median: float | None

    @property
    def unknown(self) -> bool:
        """Whether neither config nor log tells of one."""
        return {self.declared, self.effective, self.observed_last, self.observed_median} == {None}


class CheckpointRow(Struct, frozen=True):
    """One saved step; magnitude, update norm and learning rate by the expert's name.

    Magnitude: mean absolute value over all LoRA tensors of the expert.
    """

    step: int | None
    final: bool
    magnitude: Mapping[str, float | None]
    weight_ratio: float | None
    update_norm: Mapping[str, float | None]
    lr: Mapping[str, float | None]
    lr_ratio: float | None
    files: tuple[str, ...]
    mark: str | None = None
    """Why the row matters, in two or three words; a marked row is always shown."""
    best: bool = False
    """Whether its weight ratio is the largest of the saves that compare the experts."""
    keep: bool | None = None
    """Whether it is among the checkpoints to keep; None where nothing tells them apart."""
    why: str = ""
    """What decided that."""


def expert_figures(known: Known, expert: str) -> ExpertFigures:
    """Return one expert's figures; loss and batches over the second half of its batches."""
    loss, growth = known.value("log.loss_mean", expert), known.value("weights.growth", expert)
    trajectory = known.evolution.trajectory
    return ExpertFigures(
        lr_first=known.number("log.lr_first", expert),
        lr_last=known.number("log.lr_last", expert),
        loss_mean=known.number("log.loss_mean", expert),
        loss_std=known.number("log.loss_std", expert),
        batches=loss.samples if loss is not None else None,
        gradient_stability=mean_agreement(known.evidence.series, expert) if known.evidence.series is not None else None,
        window=loss.note if loss is not None else None,
        batches_total=known.count("log.batches", expert),
        magnitude=known.number("weights.magnitude", expert),
        untrained_magnitude=known.number("weights.untrained", expert),
        update_norm=known.number("weights.update_norm", expert),
        growth=trajectory.growth.get(expert) if trajectory is not None else None,
        growth_window=growth.note if growth is not None else None,
    )


def lr_ratio(known: Known) -> LrRatio:
    """Return the ratio of the learning rates high/low as declared, as taken and as seen."""
    return LrRatio(
        declared=known.number("effective.lr_ratio_declared"),
        effective=known.number("effective.lr_ratio"),
        observed_last=known.number("log.lr_ratio_last"),
        observed_median=known.number("log.lr_ratio_median"),
    )


def checkpoint_rows(known: Known, experts: Sequence[str]) -> tuple[CheckpointRow, ...]:
    """Return one row per saved step, with the learning rates of the experts logged at that step."""
    best, late = (known.count(name) for name in ("weights.ratio_best_step", "weights.late_from"))
    marks = {late: "late window begins", best: "largest ratio"}  # the latter wins where the two meet
    rows = []
    for pair in known.evidence.pairs:
        saved = {expert.value: own for expert, own in pair.experts.items()}
        rates = rates_at(known.evidence.series, pair.step) if known.evidence.series is not None else {}
        keep, why = _kept(known, pair.step)
        row = CheckpointRow(
            step=pair.step,
            final=pair.final,
            magnitude={each: saved[each].magnitude if each in saved else None for each in experts},
            weight_ratio=pair.ratio,
            update_norm={each: saved[each].update_norm if each in saved else None for each in experts},
            lr={each: rates.get(each) for each in experts},
            lr_ratio=ratio_of(rates),
            files=pair.files,
            mark=marks.get(pair.step),
            best=pair.step == best,
            keep=keep,
            why=why,
        )
        rows.append(row)
    return tuple(rows)


def _kept(known: Known, step: int) -> tuple[bool | None, str]:
    """Say whether a step is to be kept, and what decided it."""
    choice = known.evolution.keep
    against = dict(choice.against).get(step) if choice is not None else None
    if against is not None:
        return False, f"left out by: {against}"
    if choice is None or not choice.steps:
        return None, "nothing known prefers it to another"
    return True, "equal to the best by all criteria"
