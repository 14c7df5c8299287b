"""Checkpoints beside the config and the log: rank, layout, cadence, halves, and whose files they are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.settings_facts import MATRIX_AXES
from diagnose.facts.evidence import Evidence
from diagnose.facts.identity import Clue, TrainerVerdict
from diagnose.facts.log.series import Series
from diagnose.facts.recorder import NONE, Recorder
from diagnose.sources.readings import CheckpointFile, RunReadings
from diagnose.trainers.declared import Config

DOWN = ("lora_A.weight", "lora_down.weight")
_STEP = re.compile(r'"step"\s*:\s*(\d{1,9})\b')


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record what names and headers of the files show beside the config, the log and each other; no tensor is read."""
    _record_trainers(evidence.premises.trainer, record)
    config, readings, series = evidence.config, evidence.everything, evidence.series
    if config is None:
        return
    kind = config.text("lora.kind")
    if kind is not None and kind.value.lower() == "lora":
        record.setting("effective.rank", config.number("rank"))
    record.setting("effective.split", config.flag("lora.split_files", default=True))
    _record_job(readings, config, record)
    saves = readings.checkpoints
    if not saves:
        return
    _record_layout(saves, config, record)
    _record_cadence(saves, config, record)
    _record_halves(readings, config, series, record)
    _record_steps(saves, series, record)
    versions = Counter(save.software_version for save in saves if save.software_version is not None)
    if versions:
        note = ", ".join(sorted(versions))
        record.known("weights.versions", len(versions), places=[Place(saves[-1].file)], note=note)


def _record_trainers(concluded: TrainerVerdict, record: Recorder) -> None:
    """Record how many trainers the files of the folder speak for, the one that was asked for among them."""
    first: dict[str, Clue] = {}
    for clue in concluded.clues:
        if clue.decisive:
            first.setdefault(clue.trainer, clue)
    if first:
        asked = {concluded.trainer} if concluded.asked and concluded.trainer is not None else set()
        note = "; ".join(f"{trainer}: {clue.text}" for trainer, clue in first.items())
        places = [clue.place for clue in first.values()]
        record.known("gap.trainers", len(asked | first.keys()), places=places, note=note)


def _place(save: CheckpointFile) -> Place:
    return Place(save.file, step=save.step)


def _record_layout(saves: Sequence[CheckpointFile], config: Config, record: Recorder) -> None:
    last, places = saves[-1], [_place(saves[-1])]
    ranks = Counter(t.shape[0] for t in last.tensors if len(t.shape) == MATRIX_AXES and t.name.endswith(DOWN))
    if ranks:
        record.known("weights.rank", ranks.most_common(1)[0][0], places=places)
    # a run of one expert does not say in the file which it is
    if not (config.trains_both and not last.experts):
        record.known("weights.split", len(last.experts) < len(Expert), places=places)


def _record_cadence(saves: Sequence[CheckpointFile], config: Config, record: Recorder) -> None:
    """Record how many saves are at a step that is no save step, and how many there are more than are kept."""
    numbered = {save.step: _place(save) for save in saves if not save.final and save.step}
    every, keep, last = config.finite("save_every"), config.finite("saves_kept"), _place(saves[-1])
    if every is not None and every.value >= 1:
        off = [place for step, place in numbered.items() if step % int(every.value)]
        record.known("gap.saves_off", len(off), places=off or [last])
    if keep is not None and keep.value >= 1:
        beyond = max(0, len(numbered) - int(keep.value))
        record.known("gap.saves_kept", beyond, places=[*numbered.values()][:beyond] or [last])


def _record_halves(readings: RunReadings, config: Config, series: Series | None, record: Recorder) -> None:
    """Record the saved steps with one expert only, and the file that a resume would take in such a pair's place."""
    if not config.trains_both:
        return
    halves: dict[tuple[int | None, bool], list[CheckpointFile]] = defaultdict(list)
    for save in readings.checkpoints:
        halves[save.step, save.final].append(save)
    newest = readings.checkpoints[-1]
    # the trainer may be at the newest save: no end of the run is known, and no step came after it
    went_on = series is not None and newest.step is not None and series.rows[-1].step > newest.step
    if not (newest.final or went_on or record.truth("run.open") is False):
        halves.pop((newest.step, newest.final))
    alone = [
        files[0] for files in halves.values() if len({each.experts for each in files if len(each.experts) == 1}) == 1
    ]
    if halves:
        record.known("gap.halves", len(alone), places=[_place(alone[-1] if alone else newest)])
    if alone and alone[-1] is newest:
        record.known("gap.half_file", newest.file, places=[_place(newest)])
        missing = Expert.LOW if newest.experts == (Expert.HIGH,) else Expert.HIGH
        record.known("gap.half_missing", missing.value, places=[_place(newest)])


def _record_steps(saves: Sequence[CheckpointFile], series: Series | None, record: Recorder) -> None:
    """Record files whose metadata name another step than they do, and saves of steps after the log's end."""
    told = [(save, _STEP.search(save.metadata.get("training_info", ""))) for save in saves]
    inside = [(save, int(match[1])) for save, match in told if match]
    if inside:
        other = [save for save, step in inside if step != save.step]
        record.known("gap.step_inside", len(other), places=[_place(other[0] if other else inside[-1][0])])
    stepped = [save for save in saves if save.step is not None]
    if series is None or not stepped:
        return
    last = max(stepped, key=lambda save: save.step or 0)
    waits = [after - before for before, after in pairwise(series.rows.steps)]
    # a log of every hundredth step is up to a hundred steps behind
    behind = (last.step or 0) - series.rows[-1].step - (median(waits) if waits else 1)
    record.known("gap.log_behind", max(0.0, float(behind)), places=[_place(last)])


def _record_job(readings: RunReadings, config: Config, record: Recorder) -> None:
    """Record a job name in a log's or a checkpoint's own data that is not the config's, or that there is none."""
    job = config.reading.job
    if job is None:
        return
    key = ".".join(config.reading.frame.job)
    line = config.reading.lines.get(key)
    record.known("config.job", job, places=[Place(config.reading.file, line, key)])
    named = list(_jobs(readings))
    if named:
        strange = next(((name, place) for name, place in named if name != job), None)
        name, place = strange or (NONE, named[-1][1])
        record.known("gap.job", name, places=[place])


def _jobs(readings: RunReadings) -> Iterator[tuple[str, Place]]:
    for log in readings.logs:
        if log.job is not None:
            yield log.job, Place(log.file)
    for save in readings.checkpoints:
        if name := save.metadata.get("ss_output_name"):
            yield name, _place(save)
