"""What the config alone says of the clips: the length that keeps its speed, and sizes taken for a list."""

from __future__ import annotations

from diagnose.facts.config.declared import Config
from diagnose.facts.record import Recorder
from diagnose.model import Trainer
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.config import access as reader

WAN_RATE = 16
"""Frames per second of WAN 2.2 A14B."""
FRAMES_KEPT = ("load_image_when_caching_latents", "cache_tensors_to_disk")
"""Keys of upstream under which the frames are there beside cached latents (data_loader.py:275-283)."""
FRAMES_PER_LATENT = 4
"""The autoencoder takes one frame, then four at a time."""
PAIR = 2
SQUARE = 256
"""Resolutions that are lists on purpose are multiples of it."""
SIZES = frozenset({frozenset({480, 832}), frozenset({720, 1280}), frozenset({544, 960}), frozenset({576, 1024})})
"""Heights and widths of WAN's videos, which a list of resolutions is sometimes taken for."""


def record_clips(config: Config, index: int, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record what a data set's settings imply for its clips, whatever they are."""
    path = f"datasets[{index}]"
    frames = config.finite(f"{path}.num_frames")
    count = frames.value if frames is not None else 1
    place = frames.place if frames is not None else reader.place(config.reading, path)
    record.known("dataset.true_speed_seconds", count / WAN_RATE, subject=path, places=[place])
    used = (int(count) - 1) // FRAMES_PER_LATENT * FRAMES_PER_LATENT + 1 if count >= 1 else 0
    record.known("dataset.frames_used", used, subject=path, places=[place])
    kept = [s for key in FRAMES_KEPT if (s := config.flag(f"{path}.{key}", default=False)).value]
    upstream = trainer is None or trainer.name is Trainer.UPSTREAM
    place = kept[0].place if kept else place
    record.known("dataset.frames_kept", bool(kept) and upstream, subject=path, places=[place])
    _record_size(config, path, record)


def _record_size(config: Config, path: str, record: Recorder) -> None:
    """Record whether the resolution list looks like a height and a width: a size of WAN's, or that of the previews."""
    sizes = {each for each in config.items(f"{path}.resolution") if isinstance(each, int)}
    shown = {config.setting(f"sample.{side}").value for side in ("width", "height")}
    place = reader.place(config.reading, f"{path}.resolution")
    usual = all(size % SQUARE == 0 for size in sizes)
    is_size = len(sizes) == PAIR and (sizes in SIZES or (sizes == shown and not usual))
    record.known("dataset.resolution_is_size", is_size, subject=path, places=[place])
