"""What each entry of the config's `datasets` asks the trainer to read, and what it makes of the folder.

The trainer keeps notes on a data set in `.aitk_size.json`. Upstream writes five values per clip, the fork unpacks
three and then finds no clip at all (its data_loader.py).
"""

from __future__ import annotations

import json
from pathlib import Path

from diagnose.sources.config import dotted as access
from diagnose.sources.dataset.listing import DatasetSpec, FolderHabits
from diagnose.sources.finite import finite
from diagnose.sources.readings import ConfigReading

CAPTION_EXT = ".txt"
"""Where the config names none (config_modules.py, DatasetConfig)."""
MOST_FRAMES = 10_000
"""No clip of a training run has more."""
SLOWEST, FASTEST = 0.1, 1000
"""Frames per second; a rate beyond is a typing error."""


SIZES = ".aitk_size.json"
FORK_VALUES = 3
MOST_BYTES = 4 * 1024 * 1024


def has_foreign_sizes(folder: Path) -> bool | None:
    """Return whether an entry has more values than the fork unpacks; None where no such file can be read."""
    try:
        if not (folder / SIZES).is_file():  # a pipe would never end
            return None
        with (folder / SIZES).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        data = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return any(isinstance(entry, list) and len(entry) > FORK_VALUES for entry in data.values())


HABITS = FolderHabits("upstream skips such files, the fork tries to train on them", has_foreign_sizes)


def dataset_specs(config: ConfigReading) -> tuple[DatasetSpec, ...]:
    """Return the data sets of a config in its order; an entry that is no mapping is left out."""
    entries = access.get(config, "datasets")
    if not isinstance(entries, list):
        return ()
    return tuple(_spec(config, f"datasets[{i}]") for i, entry in enumerate(entries) if isinstance(entry, dict))


def _spec(config: ConfigReading, subject: str) -> DatasetSpec:
    key = next((key for key in ("dataset_path", "folder_path") if _text(config, f"{subject}.{key}")), "folder_path")
    # `caption_type` wins as it stands; only `caption_ext` is given the dot it lacks (config_modules.py, DatasetConfig)
    legacy, written = (access.get(config, f"{subject}.caption_{name}") for name in ("type", "ext"))
    legacy = legacy if isinstance(legacy, str) else ""
    written = written if isinstance(written, str) else CAPTION_EXT
    frames = finite(access.get(config, f"{subject}.num_frames"))
    shrink = access.get(config, f"{subject}.shrink_video_to_frames")
    rate = finite(access.get(config, f"{subject}.fps"))
    return DatasetSpec(
        subject=subject,
        folder=_text(config, f"{subject}.{key}"),
        place=access.place(config, f"{subject}.{key}"),
        caption_ext=legacy or (written if not written or written.startswith(".") else f".{written}"),
        num_frames=int(frames) if frames is not None and 1 <= frames <= MOST_FRAMES else 1,
        counts_itself=bool(access.get(config, f"{subject}.auto_frame_count") not in (access.MISSING, None, False)),
        shrink=shrink is access.MISSING or bool(shrink),
        fps=rate if rate is not None and SLOWEST <= rate <= FASTEST else None,
        habits=HABITS,
    )


def _text(config: ConfigReading, path: str) -> str | None:
    value = access.get(config, path)
    return value if isinstance(value, str) and value.strip() else None
