"""Readings of the data sets in, the facts `dataset.*` out; without a reading only what the config alone shows."""

from __future__ import annotations

from pathlib import PurePosixPath

from diagnose.core.values import Place
from diagnose.facts.dataset.captions import record_captions
from diagnose.facts.dataset.pictures import record_pictures
from diagnose.facts.dataset.speed import record_speed, record_speed_as_declared
from diagnose.facts.dataset.taken import SetFacts, Taken, take
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.media import DatasetReading, MediaKind
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
        reading, own = by_subject.get(spec.subject), SetFacts(spec, record)
        _previews(own, config, model)
        if reading is None:
            record_speed_as_declared(own, rate, config)
            continue
        taken = take(reading, spec, model)
        _files(taken, own, reading)
        record_pictures(taken, own, yardstick.static_movement)
        record_speed(taken, own, rate, config)
        record_captions(taken, own, config, yardstick.words)
        folders[str(reading.folder)] = len(taken.clips)
    if folders:
        record.known("dataset.clips_total", sum(folders.values()), places=[Place(folder) for folder in folders])


def _files(taken: Taken, own: SetFacts, reading: DatasetReading) -> None:
    note = f"{taken.why}; in {reading.folder.as_posix()}, {reading.how}"
    kinds = {"clip": MediaKind.CLIP, "still": MediaKind.STILL}
    counts = {word: sum(item.media.kind is kind for item in reading.items) for word, kind in kinds.items()}
    held = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count]
    own.known("dataset.held", " and ".join(held) or "neither clips nor stills", taken.first, note)
    if taken.decided:
        own.known("dataset.files", len(taken.items), taken.first, note)
        stills = [Place(item.media.file) for item in taken.items if item.media.kind is MediaKind.STILL]
        beside = stills if taken.video else []
        own.known("dataset.stills", len(beside), beside[:1] or taken.first, taken.why)
    else:
        for name in ("dataset.files", "dataset.stills"):
            own.unknown(name, f"{taken.why}; say which with --trainer", taken.first)
    if reading.foreign_sizes is None:
        own.known("dataset.foreign_sizes", value=False, note="no such file")
    else:
        own.known("dataset.foreign_sizes", reading.foreign_sizes, [Place(".aitk_size.json")])


def _previews(own: SetFacts, config: Config, model: TrainerModel | None) -> None:
    """Record whether the trainer's previews land among its training files; the config's own paths tell."""
    output, spec = config.text("training_folder"), own.spec
    if output is None or spec.folder is None:
        return
    media = model.media if model is not None else None
    inside = _clean(output.value).is_relative_to(_clean(spec.folder))
    stills = spec.num_frames <= 1 and not spec.counts_itself
    if inside and not stills and media is None:
        why = "the previews are stills, which some trainers take beside clips; say which trainer with --trainer"
        own.unknown("dataset.previews_fed_back", why, [output.place])
        return
    fed = inside and (stills or (media is not None and media.stills_beside_clips))
    own.known("dataset.previews_fed_back", fed, [output.place])


def _clean(path: str) -> PurePosixPath:
    """Return a path as written with its detours taken out, so that two of them can be compared."""
    parts: list[str] = []
    for part in PurePosixPath(path.replace("\\", "/")).parts:
        if part == ".." and parts and parts[-1] not in {"/", ".."}:
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)
