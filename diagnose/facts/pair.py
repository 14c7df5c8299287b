"""Two runs that train one expert each, taken together: the facts of each training, and those of the pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import RUN, Fact, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts import judged_ratio, untrained_experts
from diagnose.facts.evidence import Evidence
from diagnose.facts.identity import TrainerVerdict
from diagnose.facts.known import Known
from diagnose.facts.log import logged_rates
from diagnose.facts.log.logged_rates import rates_of
from diagnose.facts.log.progress import Ending
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.recorder import NONE, Recorder
from diagnose.facts.weights.evolution import record_evolution
from diagnose.rulebase.fact_declarations import FactDeclaration, SubjectKind
from diagnose.sources.columns import unknown
from diagnose.sources.log_rows import Columns, LogRows
from diagnose.sources.readings import RunReadings
from diagnose.trainers.answers import EffectiveRates, PerExpert
from diagnose.weights.measurement import FileMeasurement, RunWeights

ALIKE = ("run.trainer", "run.intent", "run.another_model")
"""Facts of the whole that each run tells by itself: known where both tell the same."""


class LoneEvidence(Evidence, frozen=True, dict=True):
    """The evidence of a run that trains one expert: its log's rows and rate are of that one."""

    expert: str = ""

    @cached_property
    def series(self) -> Series | None:
        """The log; None without rows."""
        found = build_series(self.readings, self.config)
        if found is None:
            return None
        none, own = unknown(len(found.rows)), [self.expert] * len(found.rows)
        rates = {self.expert: rates_of(found.rows, self.expert)}
        rows = found.rows.renewed(numbers={"lr_shared": none}, words={"expert": own}, rates=rates)
        return replace(found, log=replace(found.log, rows=rows), rows=rows)


class PairEvidence(Evidence, frozen=True, dict=True):
    """The evidence of a pair: the files of both runs, one series of both logs, and no config of its own."""

    runs: tuple[Known, ...] = ()

    @cached_property
    def series(self) -> Series | None:
        """Both logs step by step, with the rate of each expert; None unless both have rows."""
        logs = [log for run in self.runs if (log := _alone(run).series) is not None]
        if len(logs) < len(self.runs):
            return None
        one, other = (log.rows for log in logs)
        both = set(one.steps).intersection(other.steps)
        one, other = (rows.where([step in both for step in rows.steps]).packed() for rows in (one, other))
        columns, rates = one.columns, {**one.columns.rates, **other.columns.rates}
        times = {name: times for name, times in columns.numbers.items() if name == "time"}
        rows = LogRows.over(Columns(columns.steps, columns.lines, times, {}, rates))
        first = logs[0].log
        file = _moved(Place(first.file), self.runs[0]).file
        return Series(replace(first, file=file, rows=rows, validations=()), rows, frozenset(), nan_exact=True)

    @cached_property
    def ending(self) -> Ending:
        """How the runs ended."""
        each = [run.evidence.ending for run in self.runs]
        words = {run.training.subject: run.evidence.ending.words for run in self.runs}
        told = each[0].words if len(set(words.values())) == 1 else "; ".join(f"{k}: {v}" for k, v in words.items())
        finished = False if any(one.finished is False for one in each) else each[0].finished and each[1].finished
        cut, still = any(one.cut for one in each), any(one.open for one in each)
        return Ending(finished, told, (), open=still, cut=cut)

    @cached_property
    def rates(self) -> EffectiveRates | None:
        """The rates of both runs, where their settings keep them still."""
        if any(run.truth("effective.lr_moves") is not False for run in self.runs):
            return None
        high, low = (run.value("effective.start_rate") for run in self.runs)
        if high is None or low is None or not low.value:
            return None
        kept = float(high.value or 0) / float(low.value)
        own = zip(self.runs, (high, low), strict=True)
        places = tuple(_moved(place, run) for run, fact in own for place in fact.places)
        return EffectiveRates(PerExpert.NONE, "", (), kept, kept, {}, places)


def collect_pair(runs: Sequence[Known], declarations: Mapping[str, FactDeclaration]) -> Known:
    """Return what is known of two runs as a pair; the facts of each training have its expert as their subject.

    Raises:
        DiagnoseError: the two are no pair.
    """
    _check(runs)
    runs = tuple(sorted(runs, key=lambda run: run.training.experts))
    evidence = _evidence(runs)
    pair = Recorder(declarations)
    judged_ratio.extract(evidence, pair)
    untrained_experts.extract(evidence, pair)
    evolution = record_evolution(evidence, pair)
    if evidence.rates is not None and evidence.rates.ratio is not None:
        pair.known("effective.lr_ratio", evidence.rates.ratio, places=evidence.rates.places)
    record = Recorder(declarations)
    for fact in (*_of_trainings(runs, declarations), *_alike(runs)):
        record.adopt(fact)
    for fact in pair.recorded.values():
        if declarations[fact.name].subject in {SubjectKind.RUN, SubjectKind.EXPERT}:
            record.adopt(fact)
    # what is known to be unknown of a training is not of the whole
    training = {name for name, declared in declarations.items() if declared.subject is SubjectKind.TRAINING}
    facts = tuple(fact for fact in record.facts() if fact.subject != RUN or fact.name not in training)
    unmeasured = tuple(remark for run in runs for remark in run.unmeasured)
    return Known(facts, evidence, evolution, unmeasured, runs)


def _check(runs: Sequence[Known]) -> None:
    trained = [run.training for run in runs]
    if sorted(each.experts for each in trained) != sorted((expert.value,) for expert in Expert):
        told = "; ".join(f"{each.path} trains {' and '.join(each.experts) or 'nobody knows which'}" for each in trained)
        raise DiagnoseError(f"no pair: {told}; give the two runs that train one expert each")


def _evidence(runs: tuple[Known, ...]) -> PairEvidence:
    first = runs[0].evidence
    names = {run.trainer.trainer for run in runs}
    kin = tuple(dict.fromkeys(name for run in runs for name in run.trainer.kin))
    clues = tuple(replace(clue, place=_moved(clue.place, run)) for run in runs for clue in run.trainer.clues)
    concluded = TrainerVerdict(names.pop() if len(names) == 1 else None, clues, kin, runs[0].trainer.asked)
    premises = replace(first.premises, trainer=concluded, config=None)
    weights = RunWeights(
        tuple(_measured(file, run) for run in runs for file in run.evidence.weights.files),
        tuple(
            replace(each, files=tuple(_name(run, file) for file in each.files))
            for run in runs
            for each in run.evidence.weights.headings
        ),
        tuple(remark for run in runs for remark in run.evidence.weights.remarks),
    )
    return PairEvidence(_readings(runs), premises, first.asked, first.trainers, weights, runs=runs)


def _readings(runs: tuple[Known, ...]) -> RunReadings:
    own = [run.evidence.everything for run in runs]
    saves = [
        replace(save, file=_name(run, save.file), final=False)
        for run, each in zip(runs, own, strict=True)
        for save in each.checkpoints
    ]
    return replace(
        own[0],
        name=" and ".join(dict.fromkeys(each.name for each in own)),
        config=None,
        logs=(),
        console=None,
        checkpoints=tuple(saves),
        alpha_states=(),
        samples=(),
        optimizer_file=None,
        remarks=tuple(remark for each in own for remark in each.every_remark),
        places=tuple(_moved(place, run) for run, each in zip(runs, own, strict=True) for place in each.places),
        datasets=tuple({each.subject: each for one in own for each in one.datasets}.values()),
        beside=None,
    )


def _measured(file: FileMeasurement, run: Known) -> FileMeasurement:
    """Return a measured file under its name in the pair; its run tells the expert and the step that it does not say.

    The final file of one run may belong to a save within the other, so that it counts by its step.
    """
    own, last = Expert(run.training.subject), run.training.steps_trained
    held = tuple(replace(each, expert=each.expert or own) for each in file.experts)
    return replace(file, file=_name(run, file.file), step=last if file.step is None else file.step, experts=held)


def _alone(run: Known) -> LoneEvidence:
    own = run.evidence
    expert = run.training.subject
    return LoneEvidence(
        own.everything, own.premises, own.asked, own.trainers, own.weights, own.optimizer, own.ended, expert=expert
    )


def _of_trainings(runs: Sequence[Known], declarations: Mapping[str, FactDeclaration]) -> Iterator[Fact]:
    """Yield the facts of each run that stay: of its training, of its expert, and of the parts of its config."""
    seen: set[tuple[str, str]] = set()
    for run in runs:
        expert = run.training.subject
        rates = Recorder(declarations)
        logged_rates.extract(_alone(run), rates)
        for fact in (*rates.recorded.values(), *run.facts):
            kind = declarations[fact.name].subject
            moved = replace(fact, places=tuple(_moved(place, run) for place in fact.places))
            if kind is SubjectKind.TRAINING:
                yield replace(moved, subject=expert)
            elif kind is SubjectKind.EXPERT and fact.subject == expert:
                yield moved
            elif kind not in {SubjectKind.RUN, SubjectKind.EXPERT}:
                others = (each for other in runs if other is not run for each in other.facts if each.name == fact.name)
                if fact.subject == NONE and any(other.value != fact.value for other in others):
                    continue
                taken = fact.key in seen and fact.subject != NONE
                yield replace(moved, subject=f"{fact.subject} ({expert})") if taken else moved
                seen.add(fact.key)


def _alike(runs: Sequence[Known]) -> Iterator[Fact]:
    for name in ALIKE:
        found = [run.value(name) for run in runs]
        first = found[0]
        if first is not None and all(fact is not None and fact.value == first.value for fact in found):
            yield first


def _name(run: Known, file: str) -> str:
    return f"{run.evidence.everything.path.resolve().name}/{file}"


def _moved(place: Place, run: Known) -> Place:
    """Return a place by its name in the pair; what is no file of the run's folder stays."""
    own = {each.file for each in run.evidence.everything.places}
    return replace(place, file=_name(run, place.file)) if place.file in own else place
