"""Measure how things move in clips: from the cache where a file did not change, else in child processes.

Until something is not in the cache no process is started. Knows nothing of how to show figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.cache import Cache
from diagnose.core.fingerprint import samples
from diagnose.motion.measured import ClipMotion, Unmeasured
from diagnose.sources.video.frames import Unread, line_of
from diagnose.sources.video.workers import Work, ask_all

FORMAT = 1
"""Raise it whenever a figure is computed or stored differently: older results are then not found."""
SECONDS_EACH = 60.0
"""For one file; a preview of 81 frames at 832 x 480 takes a second."""
SECONDS_ALL = 600.0
MOTION = Work(
    "diagnose.motion.child",
    ClipMotion,
    (("av", "av"), ("cv2", "opencv-python-headless")),
    "measuring motion",
    "motion is not measured",
)


class _Question(Struct, frozen=True):
    path: Path

    @property
    def line(self) -> str:
        return line_of(self)


def measure_clips(
    paths: Sequence[Path], cache: Cache, *, seconds_each: float = SECONDS_EACH, seconds_all: float = SECONDS_ALL
) -> tuple[ClipMotion | Unmeasured, ...]:
    """Return the motion in each clip, in the order of the paths.

    Args:
        paths: the files; where the time may not do for all, those that matter most first.
        cache: where results are kept; `Cache(None)` for nowhere. They are kept as they come, so that an interrupted
            measurement is not lost.
        seconds_each: for one file.
        seconds_all: for all of them.
    """
    keys = [_key(path) for path in paths]
    found: dict[int, ClipMotion | Unmeasured] = {}
    for index, (path, key) in enumerate(zip(paths, keys, strict=True)):
        stored = cache.load(key, ClipMotion) if key is not None else None
        if stored is not None:
            found[index] = replace(stored, file=str(path))
    left = [index for index in range(len(paths)) if index not in found]

    def keep(place: int, answer: ClipMotion | Unread) -> None:
        key = keys[left[place]]
        if isinstance(answer, ClipMotion) and key is not None and _key(paths[left[place]]) == key:
            cache.store(key, answer)

    jobs = [_Question(paths[index]) for index in left]
    answers = ask_all(MOTION, jobs, seconds_each=seconds_each, seconds_all=seconds_all, arrived=keep)
    for index, answer in zip(left, answers, strict=True):
        if isinstance(answer, Unread):
            found[index] = Unmeasured(str(paths[index]), answer.reason, answer.damage)
        else:
            found[index] = answer
    return tuple(found[index] for index in range(len(paths)))


def _key(path: Path) -> str | None:
    """Return the name under which the motion in a file is kept, None for one that cannot be read."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):  # a pipe would be waited for
            return None
        digest = sha256(f"{status.st_size} {status.st_mtime_ns}".encode())
        for sample in samples(path, status.st_size):
            digest.update(sample)
    except OSError:
        return None
    return f"motion-{FORMAT}/{digest.hexdigest()}"
