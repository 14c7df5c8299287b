"""What a crashed run ran out of, by the words of its console."""

from __future__ import annotations

import re

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
