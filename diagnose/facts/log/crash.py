"""What a run died of: the error, what it followed from, its kind, and what the run ran out of."""

from __future__ import annotations

import re

from diagnose.core.values import Place
from diagnose.facts.config.settings_facts import SNR
from diagnose.facts.recorder import NONE, Recorder
from diagnose.sources.log_readings import ConsoleReading, SessionEnd
from diagnose.trainers.declared import Config

OTHER = "other"
TWO_DEVICES = "two devices"
OFFLOADING = "layer_offloading"
_KEYWORD = re.compile(r"unexpected keyword argument '(\w+)'")
_KINDS = (
    ("snr weighting", re.compile(r"alphas_cumprod")),
    ("refused key", _KEYWORD),
    ("no videos", re.compile(r"no videos found")),
    ("no images", re.compile(r"no images found")),
    (TWO_DEVICES, re.compile(r"Expected all tensors to be on the same device")),
)
"""Kind -> a pattern of the error's text, as both trainers and torch word it."""


def crash_kind(error: str) -> str:
    """Return the kind of an error by its text; what it ran out of is told apart, by `ran_out_of`."""
    return next((kind for kind, pattern in _KINDS if pattern.search(error)), OTHER)


def record_crash(console: ConsoleReading, config: Config | None, record: Recorder, *, finished: bool) -> None:
    """Record `run.crash*`, `run.killed`, `run.unquantised` and `run.out_of_memory` of a console that shows a start."""
    last = console.sessions[-1]
    crashed = last.end is SessionEnd.CRASHED and not finished
    place = last.place(last.last_word, step=last.last_step)
    record.known("run.crashed", crashed, places=[place])
    record.known("run.killed", last.end is SessionEnd.KILLED and not finished, places=[place])
    left = [mention.at for mention in console.unquantised]
    record.known("run.unquantised", len(left), places=left[:1] or [place])
    lost = [mention.at for mention in console.out_of_memory]
    record.known("run.out_of_memory", len(lost), places=lost[:1])
    if crashed and last.error is not None:
        what = ran_out_of(last.cause, skipped=False) if last.cause is not None else NOTHING
        if what == NOTHING:
            what = ran_out_of(last.error, skipped=bool(lost))
        source = place if last.cause_line is None else last.place(last.cause_line)
        record.known("run.ran_out_of", what, places=[source, place] if source != place else [place])
        place = last.place(last.error_line, step=last.last_step)
        record.known("run.crash_error", last.error, places=[place])
        record.known("run.crash_kind", crash_kind(last.error), places=[place])
        if last.cause is not None:
            record.known("run.crash_cause", last.cause.strip("# "), places=[last.place(last.cause_line)])
        behind = _behind(last.error, config) if config is not None else None
        if behind is not None:
            record.known("run.crash_setting", behind[0], places=[behind[1]])
    elif not crashed:
        record.known("run.crash_kind", NONE, places=[place])
        record.known("run.ran_out_of", NOTHING, places=[place])


def _behind(error: str, config: Config) -> tuple[str, Place] | None:
    """Return the key that an error comes from, with its place; None where the error points at none.

    An optimizer names the keyword that it does not take; the flow-matching scheduler lacks what SNR weighting reads;
    offloaded layers are what lies on two devices.
    """
    keyword = _KEYWORD.search(error)
    keys = [config.entry("optimizer.parameters", keyword[1])] if keyword else []
    if "alphas_cumprod" in error:
        keys += map(config.called, SNR)
    if crash_kind(error) == TWO_DEVICES and config.flag(OFFLOADING, default=False).value:
        keys.append(config.called(OFFLOADING))
    found = next(((key, setting) for key in keys if (setting := config.raw.setting(key)).written), None)
    return (found[0].rpartition(".")[2], found[1].place) if found is not None else None


DISK, GRAPHICS_MEMORY, MAIN_MEMORY, NOTHING = "disk", "graphics memory", "main memory", "nothing"
_DISK = re.compile(
    r"No space left on device|StorageFull|not enough space on the disk|Disk quota exceeded"
    r"|QuotaExceeded|database or disk is full|inline_container\.cc:\d+\] \. unexpected pos \d+ vs \d+"
    r"|\[Errno 28\]|\[WinError 112\]|\(os error (?:28|112)\)|PytorchStreamWriter failed writing file"
)
_GRAPHICS = re.compile(
    r"CUDA out of memory|OutOfMemoryError|OOM during training step|HIP out of memory|CUBLAS_STATUS_ALLOC_FAILED"
)
_MAIN = re.compile(
    r"CUDA error: out of memory|DefaultCPUAllocator|\bMemoryError\b|paging file is too small|os error 1455"
    r"|WinError 1455|\[Errno 12\]"
)
"""Main memory; "CUDA error: out of memory" is the driver's word for pinned main memory that ran out."""
_BEHIND = re.compile(r"UnboundLocalError|referenced before assignment|cannot access local variable")
"""What the trainer trips over after its first step ran out of memory: a variable that no step had set."""


def ran_out_of(error: str, *, skipped: bool) -> str:
    """Return what a session that ended in this error ran out of: the disk, memory of one kind, or nothing known.

    `skipped`: the console speaks of steps that were skipped for want of graphics memory.
    """
    if _DISK.search(error):
        return DISK
    if _MAIN.search(error):
        return MAIN_MEMORY
    behind = skipped and _BEHIND.search(error)
    return GRAPHICS_MEMORY if _GRAPHICS.search(error) or behind else NOTHING
