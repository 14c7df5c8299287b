"""Readings of the data sets in, the facts `dataset.*` out; without a reading only what the config alone shows."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

from diagnose.core.values import Place
from diagnose.facts.dataset.captions import record_captions
from diagnose.facts.dataset.found import found_by_trainer, owner, record_found
from diagnose.facts.dataset.speed import record_longest, record_speed, record_speed_as_declared
from diagnose.facts.dataset.taken import MOST_NAMED, SetFacts, Taken, damage, named, shortened, take
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.listing import DatasetReading, MediaKind
from diagnose.sources.readings import RunReadings
from diagnose.sources.video.frames import Pictures
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import dataset_specs
from diagnose.trainers.trainer_model import TrainerModel


def record_pictures(taken: Taken, own: SetFacts, static_movement: float) -> None:
    """Record damaged files and clips that stand still; `static_movement` is in levels of 255."""
    faults = [(item.media.file, fault) for item in taken.items if (fault := damage(item.pictures))]
    sound = [item for item in taken.items if not damage(item.pictures)]
    unseen = sum(not (isinstance(item.pictures, Pictures) and item.pictures.whole) for item in sound)
    damaged = [(Place(file), f"{shortened(file)} ({fault})") for file, fault in faults]
    own.count("dataset.damaged", damaged, taken, unseen)
    if taken.decided:
        own.known("dataset.usable", len(sound), taken.first)
    if not taken.video:
        for name in ("dataset.static", "dataset.repeated_frames"):
            own.known(name, 0, note="single frames have no motion")
        return

    moving = [(seen.movement, item.media.file) for item, seen in taken.seen if seen.movement is not None]
    still = sorted((level, file) for level, file in moving if level < static_movement)
    unjudged = sum(item.media.kind is MediaKind.CLIP for item in sound) - len(moving)
    own.count("dataset.static", [(Place(file), shortened(file)) for _, file in still], taken, unjudged)
    if moving:
        own.known("dataset.static_share", len(still) / len(moving), [Place(min(moving)[1])])

    files = {file for _, file in still}
    repeats = [
        (seen.identical, item.media.file)
        for item, seen in taken.seen
        if seen.identical is not None and item.media.file not in files
    ]
    if repeats:
        share, file = max(repeats)
        own.known("dataset.repeated_frames", 100 * share, [Place(file)])
        own.known("dataset.repeated_clip", shortened(file), [Place(file)])


def record_refused_clips(readings: RunReadings, config: Config, record: Recorder) -> None:
    """Record `dataset.damaged` and `dataset.damaged_files` of the data sets that were not looked at themselves.

    Nothing is recorded of a data set without such clips: the trainer opens a clip, and does not decode it to its end.
    """
    if readings.console is None:
        return
    looked_at = {reading.subject for reading in readings.datasets}
    specs = [spec for spec in dataset_specs(config.reading) if spec.subject not in looked_at]
    refused: dict[str, dict[str, Place]] = defaultdict(dict)
    for mention in readings.console.clip_errors:
        clip = PurePosixPath(mention.text.replace("\\", "/"))
        spec = owner(clip, specs)
        if spec is not None:
            refused[spec.subject].setdefault(clip.name, mention.at)
    for subject, clips in refused.items():
        names = [f"{shortened(name)} (the trainer could not open it)" for name in clips]
        places = list(clips.values())[:MOST_NAMED]
        record.known("dataset.damaged", len(clips), subject=subject, places=places)
        record.known("dataset.damaged_files", named(names), subject=subject, places=places)


def record_datasets(evidence: Evidence, config: Config, record: Recorder) -> None:
    """Record the facts of every data set of the config."""
    model, yardstick = evidence.model, evidence.asked.yardstick
    by_subject = {reading.subject: reading for reading in evidence.readings.datasets}
    rate = yardstick.frame_rates.get(config.architecture or "")
    folders: dict[str, int] = {}
    specs = dataset_specs(config.reading)
    found = found_by_trainer(evidence.readings, specs)
    for spec in specs:
        reading, own = by_subject.get(spec.subject), SetFacts(spec, record)
        _previews(own, config, model)
        if reading is None:
            record_found(own, found.get(spec.subject), None)
            record_speed_as_declared(own, rate, config)
            continue
        taken = take(reading, spec, model)
        _files(taken, own, reading)
        record_found(own, found.get(spec.subject), taken)
        record_pictures(taken, own, yardstick.static_movement)
        record_speed(taken, own, rate, config)
        if yardstick.network is not None:
            record_longest(taken, own, yardstick.network, config)
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
