"""Readings of data sets, built by hand: clips as somebody might have filmed them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builders import config_of, facts_of, recorder
from builders import readings as run_readings
from msgspec.structs import replace
from run_evidence import YARDSTICK, evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Fact
from diagnose.facts.dataset.datasets import record_datasets
from diagnose.facts.targets import Yardstick
from diagnose.sources.dataset.listing import Caption, CaptionState, DatasetReading, Item, MediaFile, MediaKind
from diagnose.sources.video.frames import Pictures, Unread

I2V = {"arch": "wan22_14b_i2v", "name_or_path": "x-I2V"}


def pictures(**changes: Any) -> Pictures:
    """81 frames at 16 per second, moving."""
    given = {
        "width": 640,
        "height": 640,
        "rate": 16.0,
        "declared": 81,
        "estimated": False,
        "decoded": 81,
        "damaged": 0,
        "whole": True,
    }
    return Pictures(**{**given, "movement": 40.0, "change": 3.0, "identical": 0.0, **changes})


def item(
    name: str, found: Pictures | Unread | None = None, caption: str | Caption | None = "a dancer spins", **flags: Any
) -> Item:
    kind = MediaKind.STILL if name.endswith(".png") else MediaKind.CLIP
    text = f"{name.rsplit('.', 1)[0]}.txt"
    if isinstance(caption, str):
        caption = Caption(text, CaptionState.TEXT, f"{caption} ({name})", 1)
    words = caption or Caption(text, CaptionState.MISSING)
    return Item(MediaFile(name, Path(name), kind, 1, flags.get("hidden", False)), words, found or pictures())


def dataset(*items: Item, **changes: Any) -> DatasetReading:
    given: dict[str, Any] = {"complete": True, "foreign_sizes": None}
    return DatasetReading("datasets[0]", Path("clips"), "given with --dataset", items, **{**given, **changes})


def facts(
    folder: Path,
    reading: DatasetReading | None,
    trainer: str | None = RELAXIS,
    yardstick: Yardstick = YARDSTICK,
    top: dict[str, Any] | None = None,
    **keys: Any,
) -> dict[str, Fact]:
    """The facts of a config's only data set, by name without "dataset."."""
    entry = {"folder_path": "/w/clips", "num_frames": 81, "resolution": [640], **keys}
    config = config_of(folder, trainer or AI_TOOLKIT, datasets=[entry], **{"model": I2V, **(top or {})})
    record = recorder()
    read = replace(run_readings(), datasets=(reading,) if reading is not None else ())
    record_datasets(evidence(config, read, trainer=trainer, yardstick=yardstick), config, record)
    found = {key: fact for key, fact in facts_of(record).items() if fact.known or key[1] == "datasets[0]"}
    return {name.removeprefix("dataset."): fact for (name, _), fact in found.items() if name.startswith("dataset.")}
