"""Decode many files in child processes, one per core: a file that crashes or hangs its decoder costs that file alone.

The children share nothing with us but a pipe; a time limit for each file and one for all keep a pre-flight short.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Timer
from typing import IO, Any, cast

from diagnose.sources.dataset.readings import Pictures, Unread

SECONDS_EACH = 30.0
"""For one file; a clip of 81 frames at 832 x 480 takes a tenth of a second."""
SECONDS_ALL = 120.0
"""For a data set; some 2000 such clips on two cores."""
MOST_WORKERS = 4
PATIENCE = 1.0
"""Seconds that a process is given to end by itself."""
NO_DECODER = "PyAV is not installed: pip install av"
NONSENSE = Unread("the decoder's answer cannot be read", damage=False)
OUT_OF_TIME = "not looked at: the time for the data set was up"


@dataclass(frozen=True, slots=True)
class Job:
    """One file to decode: `count` frames are taken from it, or as many as `fps` gives where count is None."""

    path: Path
    still: bool
    count: int | None
    fps: float | None


def decode_all(
    jobs: Sequence[Job], *, seconds_each: float = SECONDS_EACH, seconds_all: float = SECONDS_ALL
) -> list[Pictures | Unread]:
    """Return what each file shows, in the order of the jobs."""
    if find_spec("av") is None or find_spec("numpy") is None:
        return [Unread(NO_DECODER, damage=False)] * len(jobs)
    deadline = time.monotonic() + seconds_all
    queue: SimpleQueue[int] = SimpleQueue()
    # the largest first, so that no core is left with a long one at the end
    for index in sorted(range(len(jobs)), key=lambda index: -_size(jobs[index].path)):
        queue.put(index)
    results: list[Pictures | Unread] = [Unread(OUT_OF_TIME, damage=False)] * len(jobs)
    workers = min(len(jobs), os.cpu_count() or 1, MOST_WORKERS)

    interrupted = Event()

    def work() -> None:
        with closing(_Child(seconds_each)) as child:
            for index in _drawn(queue, deadline):
                if interrupted.is_set():
                    return
                results[index] = child.ask(jobs[index])

    if workers:
        with ThreadPoolExecutor(workers) as threads:
            try:
                for future in [threads.submit(work) for _ in range(workers)]:
                    future.result()
            finally:
                interrupted.set()
    return results


def _drawn(queue: SimpleQueue[int], deadline: float) -> Iterator[int]:
    with suppress(Empty):
        while time.monotonic() < deadline:
            yield queue.get_nowait()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class _Child:
    """A decoder process that is started when it is needed, and again when a file has broken it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def ask(self, job: Job) -> Pictures | Unread:
        """Return what the decoder says of one file, or how it came to grief over it."""
        process = self._process or _start()
        self._process = process
        expired = Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = Timer(self._seconds, expire)
        timer.start()
        try:
            line = _exchange(process, job)
        finally:
            timer.cancel()
        if line:
            found = _reading(line)
            if found is NONSENSE:
                self.close()
            return found
        status = self.close()
        if expired.is_set():
            return Unread(f"decoding took longer than {self._seconds:g} s", damage=False)
        killed = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        return Unread(f"the decoder {killed}", damage=True)

    def close(self) -> int:
        """End the process, if there is one, and return its status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        with suppress(BrokenPipeError):
            cast("IO[str]", process.stdin).close()
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        cast("IO[str]", process.stdout).close()
        return status


def _exchange(process: subprocess.Popen[str], job: Job) -> str:
    """Return the answer to one request; "" from a process that is dead."""
    request = {"path": str(job.path), "still": job.still, "count": job.count, "fps": job.fps}
    with suppress(BrokenPipeError):
        requests = cast("IO[str]", process.stdin)
        requests.write(json.dumps(request) + "\n")
        requests.flush()
    return cast("IO[str]", process.stdout).readline()


def _start() -> subprocess.Popen[str]:
    # the child sees the very modules we see, wherever we were started from
    code = f"import sys; sys.path[:] = {sys.path!r}; from diagnose.sources.dataset.decoder import main; main()"
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        encoding="utf-8",
        errors="surrogateescape",
    )


def _reading(line: str) -> Pictures | Unread:
    try:
        data: dict[str, Any] = json.loads(line)
        return Unread(data["reason"], data["damage"]) if "reason" in data else Pictures(**data)
    except (ValueError, TypeError, KeyError):
        return NONSENSE
