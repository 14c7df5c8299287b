"""Readings of the data sets in, the facts `dataset.*` out; without a reading only what the config alone shows."""

from __future__ import annotations

from pathlib import PurePosixPath

from diagnose.core.values import Place
from diagnose.facts.dataset.captions import record_captions
from diagnose.facts.dataset.pictures import record_pictures
from diagnose.facts.dataset.speed import record_speed, record_speed_as_declared
from diagnose.facts.dataset.taken import Taken, take
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.media import DatasetReading, DatasetSpec, MediaKind
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import dataset_specs
from diagnose.trainers.trainer_model import TrainerModel


def record_datasets(evidence: Evidence, config: Config, record: Recorder) -> None:
    """Record the facts of every data set of the config."""
    model, yardstick = evidence.model, evidence.asked.yardstick
    by_subject = {reading.subject: reading for reading in evidence.readings.datasets}
    rate = yardstick.frame_rates.get(config.architecture or "")
    folders: dict[str, int] = {}
    for spec in dataset_specs(config.reading):
        reading = by_subject.get(spec.subject)
        _previews(spec, config, model, record)
        if reading is None:
            record_speed_as_declared(spec, rate, config, record)
            continue
        taken = take(reading, spec, model)
        _files(taken, spec, reading, record)
        record_pictures(taken, spec, yardstick.static_movement, record)
        record_speed(taken, spec, rate, config, record)
        record_captions(taken, spec, config, yardstick.words, record)
        folders[str(reading.folder)] = len(taken.clips)
    if folders:
        record.known("dataset.clips_total", sum(folders.values()), places=[Place(folder) for folder in folders])


def _files(taken: Taken, spec: DatasetSpec, reading: DatasetReading, record: Recorder) -> None:
    place = [Place(taken.items[0].media.file)] if taken.items else [spec.place]
    note = f"{taken.why}; in {reading.folder.as_posix()}, {reading.how}"
    record.known("dataset.held", _held(reading), subject=spec.subject, places=place, note=note)
    if taken.decided:
        record.known("dataset.files", len(taken.items), subject=spec.subject, places=place, note=note)
        stills = [item.media.file for item in taken.items if item.media.kind is MediaKind.STILL]
        beside = stills if taken.video else []
        places = [Place(beside[0])] if beside else place
        record.known("dataset.stills", len(beside), subject=spec.subject, places=places, note=taken.why)
    else:
        why = f"{taken.why}; say which with --trainer"
        record.unknown("dataset.files", why, subject=spec.subject, places=place)
        record.unknown("dataset.stills", why, subject=spec.subject, places=place)
    if reading.foreign_sizes is not None:
        where = [Place(".aitk_size.json")]
        record.known("dataset.foreign_sizes", reading.foreign_sizes, subject=spec.subject, places=where)
    else:
        record.known(
            "dataset.foreign_sizes", value=False, subject=spec.subject, places=[spec.place], note="no such file"
        )


def _held(reading: DatasetReading) -> str:
    """Say what lies in the folder, in words."""
    kinds = {"clip": MediaKind.CLIP, "still": MediaKind.STILL}
    counts = {word: sum(item.media.kind is kind for item in reading.items) for word, kind in kinds.items()}
    words = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count]
    return " and ".join(words) or "neither clips nor stills"


def _previews(spec: DatasetSpec, config: Config, model: TrainerModel | None, record: Recorder) -> None:
    """Record whether the trainer's previews land among its training files; the config's own paths tell."""
    output = config.text("training_folder")
    if output is None or spec.folder is None:
        return
    media = model.media if model is not None else None
    inside = _clean(output.value).is_relative_to(_clean(spec.folder))
    stills = spec.num_frames <= 1 and not spec.counts_itself
    if inside and not stills and media is None:
        why = "the previews are stills, which only upstream takes beside clips; say which trainer with --trainer"
        record.unknown("dataset.previews_fed_back", why, subject=spec.subject, places=[output.place])
        return
    fed = inside and (stills or (media is not None and media.stills_beside_clips))
    record.known("dataset.previews_fed_back", fed, subject=spec.subject, places=[output.place])


def _clean(path: str) -> PurePosixPath:
    """Return a path as written with its detours taken out, so that two of them can be compared."""
    parts: list[str] = []
    for part in PurePosixPath(path.replace("\\", "/")).parts:
        if part == ".." and parts and parts[-1] not in {"/", ".."}:
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)
