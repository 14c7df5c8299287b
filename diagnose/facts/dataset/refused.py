"""Clips that the trainer itself could not read: it names them in its console, leaves them out and goes on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from diagnose.core.model import Place
from diagnose.facts.record import Recorder
from diagnose.sources.dataset.media import DatasetSpec
from diagnose.sources.readings import RunReadings
from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs
from diagnose.trainers.declared import Config

MOST_NAMED = 5
_CLIP = re.compile(r"Error (?:processing|loading) video: (.+)")


def record_refused_clips(readings: RunReadings, config: Config | None, record: Recorder) -> None:
    """Record `dataset.damaged` and `dataset.damaged_files` of the data sets that were not looked at themselves.

    Nothing is recorded of a data set without such clips: the trainer opens a clip, and does not decode it to its end.
    """
    if readings.console is None or config is None:
        return
    looked_at = {reading.subject for reading in readings.datasets}
    specs = [spec for spec in dataset_specs(config.reading) if spec.subject not in looked_at]
    refused: dict[str, dict[str, Place]] = defaultdict(dict)
    for mention in readings.console.clip_errors:
        match = _CLIP.match(mention.text)
        spec = _owner(match[1], specs) if match else None
        if match and spec is not None:
            refused[spec.subject].setdefault(match[1].replace("\\", "/").rpartition("/")[2], mention.at)
    for subject, clips in refused.items():
        names = [f"{name} (the trainer could not open it)" for name in clips][:MOST_NAMED]
        places = list(clips.values())[:MOST_NAMED]
        record.known("dataset.damaged", len(clips), subject=subject, places=places)
        record.known("dataset.damaged_files", ", ".join(names), subject=subject, places=places)


def _owner(clip: str, specs: Sequence[DatasetSpec]) -> DatasetSpec | None:
    """Return the data set that a clip lies in; the only one where its folder was moved since."""
    path = PurePosixPath(clip.replace("\\", "/"))
    inside = [s for s in specs if s.folder is not None and path.is_relative_to(s.folder.replace("\\", "/").rstrip("/"))]
    return inside[0] if inside else specs[0] if len(specs) == 1 else None
