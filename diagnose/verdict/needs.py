"""What a run needs, read off its facts: room on the disk, passes over the data, the GPU's memory, time, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.facts.known import Known
from diagnose.trainers.declared import Config

_OF_A_STEP = (
    "base_model",
    "batch_size",
    "accumulation",
    "switch_every",
    "low_vram",
    "quantized",
    "qtype",
    "layer_offloading",
    "checkpointing",
)
_OF_A_CLIP = ("clip.frames", "clip.auto_frames", "clip.resolution", "clip.cache_latents", "clip.cache_latents_to_disk")
"""The settings that decide what a step takes: those of the run, and those of each data set."""
_HOUR = 3600
UNKNOWN_MODEL = "GPU: no figure; the sizes of this model, or what its trainer keeps in memory, are not described"


class Needs(Struct, frozen=True):
    """What one run takes; None where no figure is known.

    Attributes:
        disk_bytes: the most that lies on the disk, with one save more while it is written.
        passes_per_expert: how often each expert sees the whole data set, by its name.
        vram_gb: the GPU's memory from least to most, in the GB that cards are sold by.
        fits: whether that fits into the GPU that the user names: "fits", "does not fit" or "cannot tell".
        because: the parts of each figure, or why there is none.
        seconds_per_step, hours: from least to most, on the card that the user names, else as the last run was logged.
    """

    disk_bytes: int | None
    passes_per_expert: Mapping[str, float | None]
    vram_gb: tuple[float, float] | None
    fits: str | None
    because: tuple[str, ...]
    seconds_per_step: tuple[float, float] | None = None
    hours: tuple[float, float] | None = None


def needs_of(known: Known, experts: Sequence[str]) -> Needs:
    """Return what a run with this config needs."""
    return Needs(
        known.count("needs.disk"),
        {expert: known.number("needs.passes", expert) for expert in experts},
        _band(known.number("needs.gpu_least"), known.number("needs.gpu_most")),
        known.text("machine.fits"),
        tuple(_because(known)),
        _band(known.number("machine.step_least"), known.number("machine.step_most")),
        _band(known.number("machine.hours_least"), known.number("machine.hours_most")),
    )


def _band(least: float | None, most: float | None) -> tuple[float, float] | None:
    return (round(least, 1), round(most, 1)) if least is not None and most is not None else None


def at_the_logged_pace(needs: Needs, run: Known, ahead: Known) -> Needs:
    """Return what the next run needs, with the hours that its steps take at the pace of this one.

    Nothing is changed where the log tells no pace, or where a setting that decides what a step takes is another.
    """
    best, steps = run.number("log.pace_best"), ahead.number("run.steps_configured")
    slow = run.value("log.slow_from") is not None
    usual, pauses = run.number("log.pace_first" if slow else "log.pace"), run.number("log.pause_pace") or 0.0
    if best is None or usual is None or steps is None or run.config is None or ahead.config is None:
        return needs
    if _deciding(run.config) != _deciding(ahead.config):
        return needs
    hours = _band(steps * best / _HOUR, steps * (usual + pauses) / _HOUR)
    told = f"time: {best:.3g} to {usual:.3g} s a step, as this run was logged"
    because = (*(each for each in needs.because if not each.startswith("time:")), told)
    return replace(needs, because=because, seconds_per_step=_band(best, usual), hours=hours)


def _deciding(config: Config) -> list[object]:
    """Return the values of the settings that decide what a step takes."""
    own = [(name, entry) for entry in config.entries("clips") for name in _OF_A_CLIP]
    return [config.setting(name, entry).value for name, entry in (*((name, "") for name in _OF_A_STEP), *own)]


def _because(known: Known) -> Iterator[str]:
    for name, what in (("needs.disk", "Disk"), ("needs.gpu_most", "GPU")):
        fact = known.value(name)
        if fact is not None:
            yield f"{what}: {fact.note}"
    step = known.value("machine.step_most")
    if step is not None:
        yield f"time: {step.note}"
    elif (untold := known.text("machine.step_unknown")) is not None:
        yield f"time: no figure; {untold}"
    why, main = known.text("needs.gpu_unknown"), known.value("needs.main")
    if why is None:
        yield UNKNOWN_MODEL
    elif known.value("needs.gpu_most") is None:
        least = known.value("needs.gpu_least")
        yield (
            f"GPU: no figure; {why}"
            if least is None
            else f"GPU: at least {known.number('needs.gpu_least'):.0f} GB; {why}"
        )
    if main is not None:
        yield f"main memory: about {known.number('needs.main'):.0f} GB; {main.note}"
    download = known.value("needs.download_gb")
    if download is not None:
        yield f"download: {known.number('needs.download_gb'):.0f} GB for the base model, unless it is here already"
