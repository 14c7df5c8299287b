"""The room a run takes on the disk: saves, the optimizer's state, previews and caches."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from diagnose.core.values import GB, Place, size
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.needs.passes import longest_of
from diagnose.facts.recorder import Recorder
from diagnose.rulebase.domain import Network
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.declared import Config
from diagnose.trainers.footprint import FORMATS, HALF

PLAIN = frozenset({"lora"})
FILTERS = ("lora.only", "lora.ignore", "lora.targets")
BYTES_OF_TEXT = 8192 * 512
"""Of a cached caption at the most: 4096 numbers in 16 bits for each of 512 tokens."""
DISK = "disk"
"""What a run ran out of."""
MOST = 2.0**60
"""Bytes; more is a typing error."""


class Saves(Struct, frozen=True):
    """How many saves there are: at the end, and at the most, as the next is written before the oldest is deleted."""

    kept: int
    most: int


def saves_of(config: Config) -> Saves | None:
    """Return how many saves a config leaves, the final one with them; None where it does not say.

    To keep none is to keep all, as the trainers count.
    """
    steps, every, keep = (config.finite(name) for name in ("steps", "save_every", "saves_kept"))
    if steps is None or every is None or keep is None or every.value < 1:
        return None
    made = max(1, math.ceil(steps.value / every.value))
    kept = min(made, int(keep.value)) if int(keep.value) > 0 else made
    return Saves(kept, min(made, kept + 1))


def record_disk(evidence: Evidence, config: Config | None, record: Recorder) -> None:
    """Record the size of a save, what the run takes of the disk, and what is free there."""
    network = evidence.asked.yardstick.network
    found, note = _of_files(evidence.readings.checkpoints), "the files of one step"
    if found is None and config is not None and network is not None:
        found, note = _of_settings(config, network), "from the rank and the shapes of the model"
    if found is None:
        return
    each, place = found
    record.known("weights.pair_bytes", each, places=[place], note=note)
    _record_room_there_was(evidence.readings.checkpoints, each, record)
    saves = saves_of(config) if config is not None else None
    if config is None or network is None or saves is None or each * saves.most > MOST:
        return
    parts = {f"{saves.most} saves": float(each * saves.most), **dict(_beside(config, network, record))}
    words = "; ".join(f"{name} {size(part)}" for name, part in parts.items())
    places = [config.place(name) for name in ("saves_kept", "save_every", "steps")]
    record.known("needs.disk", math.ceil(sum(parts.values())), places=places, note=words)
    record.known("needs.disk_gb", sum(parts.values()) / GB, places=places, note=words)
    _record_free(evidence, config, record)
    _record_download(config, network, record)


def _record_room_there_was(files: tuple[CheckpointFile, ...], save: int, record: Recorder) -> None:
    """Record how many saves a disk that became full had room for, beside the one that is being written."""
    full = record.get("run.ran_out_of")
    if full is None or full.value != DISK:
        return
    steps: dict[int, int] = defaultdict(int)
    for file in files:
        if file.step is not None:
            steps[file.step] += file.size
    whole = sorted(step for step, there in steps.items() if there >= save)
    if whole:
        places = [Place(file.file, step=file.step) for file in files if file.step in whole]
        record.known("needs.saves_fit", len(whole) - 1, places=places[:1])


def _record_free(evidence: Evidence, config: Config, record: Recorder) -> None:
    """Record what is free on the disk of the training folder, where that is on this machine and no run filled it."""
    folder = config.text("training_folder")
    if folder is None or evidence.trained is not None:
        return
    try:
        path = Path(folder.value)
        if not (path.is_absolute() and path.is_dir()):
            return
        from shutil import disk_usage  # noqa: PLC0415 - most configs are of another machine

        free = disk_usage(path).free
    except (OSError, ValueError):
        return
    record.known("machine.disk_free", free / GB, places=[folder.place])


def _record_download(config: Config, network: Network, record: Recorder) -> None:
    """Record how large the base model is where its name is one that the trainer downloads."""
    constants, name = config.model.footprint, config.text("base_model")
    if constants is None or name is None or not config.is_wan22_14b:
        return
    width = next((each for start, each in constants.downloads.items() if name.value.startswith(start)), None)
    if width is not None:
        beside = HALF * (network.text_encoder + network.autoencoder)
        experts = len(Expert) * width * network.parameters
        record.known("needs.download_gb", (experts + beside) / GB, places=[name.place])


def _beside(config: Config, network: Network, record: Recorder) -> Iterator[tuple[str, float]]:
    """Yield what else lies on the disk, as far as it is known."""
    constants, rank = config.model.footprint, plain_rank(config)
    if constants is None or not config.is_wan22_14b:
        return
    state = constants.state(config.optimizer or "")
    if state is not None and rank is not None:
        numbers = constants.state_bytes(state, network, rank) + constants.state_file * network.factors
        yield "optimizer state", numbers * config.experts_trained
    yield from _previews(config, constants.preview)
    for path in config.entries("clips"):
        files = record.number("dataset.files", path)
        if files is None:
            continue
        if config.flag("clip.cache_latents_to_disk", path, default=False).value:
            yield from _latents(config, path, files, network, record)
        if any(config.flag(name, path, default=False).value for name in ("cache_text", "clip.cache_text")):
            yield "captions in cache", files * BYTES_OF_TEXT


def _previews(config: Config, each: float) -> Iterator[tuple[str, float]]:
    made, steps, every = config.model.previews(config), config.finite("steps"), config.finite("sample_every")
    sides = [config.finite(name) for name in ("preview.width", "preview.height", "preview.frames")]
    if made is None or not made.made or steps is None or every is None or every.value < 1:
        return
    if all(side is not None and 0 < side.value <= 2**16 for side in sides):
        pixels = math.prod(side.value for side in sides if side is not None)
        count = len(config.items("previews.entries")) or len(config.items("previews.prompts"))
        yield "previews (estimated)", (steps.value // every.value + 1) * count * pixels * each


def _latents(
    config: Config, path: str, files: float, network: Network, record: Recorder
) -> Iterator[tuple[str, float]]:
    """Yield the cached latents of a data set: those of each clip and of its first frame, and kept frames.

    Clips of their own length count as the longest of them.
    """
    clips = longest_of(config, path, record)
    if clips is None:
        return
    count, area = clips.frames, max(clips.sides) ** 2
    of_frame = network.latent_channels * area / network.pixels_per_latent**2 * HALF
    first = 1 if config.is_image_to_video and count > 1 else 0
    yield "latents in cache", files * of_frame * (network.latent_frames(count) + first)
    if config.setting("clip.tensors_to_disk", path).value:
        yield "frames in cache", files * 3 * area * count


def _of_files(files: tuple[CheckpointFile, ...]) -> tuple[int, Place] | None:
    """Return the bytes of the latest step that has the most files: half a pair is no save."""
    steps: dict[int, list[CheckpointFile]] = defaultdict(list)
    for file in files:
        if file.step is not None and not file.final:
            steps[file.step].append(file)
    if not steps:
        return None
    _, step = max((len(saved), step) for step, saved in steps.items())
    saved = steps[step]
    return sum(file.size for file in saved), Place(saved[-1].file, step=step)


def _of_settings(config: Config, network: Network) -> tuple[int, Place] | None:
    """Return the bytes of a save as the settings say; None for a network that is no plain LoRA of the model."""
    constants, rank, dtype = config.model.footprint, plain_rank(config), config.setting("save_dtype")
    form = str(dtype.value) if dtype.written else "float16"
    if constants is None or rank is None or config.rank is None or form not in FORMATS:
        return None
    experts = config.experts_trained
    split = config.flag("lora.split_files", default=True).value
    files, networks = (experts, 1) if split else (1, experts)
    of_file = constants.file_bytes(network, rank, form, config.reading.job or "", networks) if networks else 0
    return files * of_file, config.rank.place


def plain_rank(config: Config) -> int | None:
    """Return the rank of a plain LoRA on every matrix; None for any other network."""
    rank, kind = config.rank, config.setting("lora.kind")
    plain = not kind.written or (isinstance(kind.value, str) and kind.value in PLAIN)
    filtered = any(config.setting(name).value for name in FILTERS)
    if rank is None or not config.is_wan22_14b or not plain or filtered:
        return None
    return rank.value if isinstance(rank.value, int) and 1 <= rank.value <= 2**14 else None
