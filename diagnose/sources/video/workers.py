"""Decode many files in child processes, one per core: a file that crashes or hangs its decoder costs that file alone.

The children share nothing with us but a pipe; a time limit for each file and one for all keep a pre-flight short.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Timer

from diagnose.core.activity import doing
from diagnose.core.child import cores, end, ending, exchange, next_line, start
from diagnose.core.extras import is_here, missing
from diagnose.sources.video.frames import NONSENSE, READY, Job, Pictures, Strip, Unread, read_answer

SECONDS_EACH = 30.0
"""For one file; a clip of 81 frames at 832 x 480 takes 0.15 s."""
SECONDS_ALL = 120.0
"""For a data set; some 1500 such clips on two cores."""
MOST_WORKERS = 4
NO_DECODER = f"clips are not looked at: {missing('av')}"
CRASHES = frozenset({"SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL"})
DOES_NOT_START = Unread("PyAV does not start here: try `python -c 'import av'`", damage=False)
OUT_OF_TIME = "not looked at: the time for the data set was up"


def decode_all(
    jobs: Sequence[Job], *, seconds_each: float = SECONDS_EACH, seconds_all: float = SECONDS_ALL
) -> list[Pictures | Unread]:
    """Return what each file shows, in the order of the jobs."""
    found = _answers(jobs, "reading clips", seconds_each, seconds_all)
    return [NONSENSE if isinstance(each, Strip) else each for each in found]


def strips(paths: Sequence[Path], *, seconds_all: float = SECONDS_ALL) -> list[Strip | Unread]:
    """Return a strip of pictures of each file, in the order of the paths."""
    jobs = [Job(path, still=False, count=None, fps=None, strip=True) for path in paths]
    found = _answers(jobs, "reading previews", SECONDS_EACH, seconds_all)
    return [NONSENSE if isinstance(each, Pictures) else each for each in found]


def _answers(
    jobs: Sequence[Job], what: str, seconds_each: float, seconds_all: float
) -> list[Pictures | Strip | Unread]:
    if not is_here("av"):
        return [Unread(NO_DECODER, damage=False)] * len(jobs)
    deadline = time.monotonic() + seconds_all
    queue: SimpleQueue[int] = SimpleQueue()
    # the largest first, so that no core is left with a long one at the end
    for index in sorted(range(len(jobs)), key=lambda index: -_size(jobs[index].path)):
        queue.put(index)
    results: list[Pictures | Strip | Unread] = [Unread(OUT_OF_TIME, damage=False)] * len(jobs)
    workers = min(len(jobs), cores(), MOST_WORKERS)
    interrupted = Event()

    def work() -> None:
        with closing(_Child(seconds_each)) as child, suppress(Empty):
            while time.monotonic() < deadline and not interrupted.is_set():
                index = queue.get_nowait()
                doing(what, len(jobs) - queue.qsize(), len(jobs))
                results[index] = child.ask(jobs[index])

    if workers:
        with ThreadPoolExecutor(workers) as threads:
            try:
                for future in [threads.submit(work) for _ in range(workers)]:
                    future.result()
            finally:
                interrupted.set()
    return results


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
        self._starts = True

    def ask(self, job: Job) -> Pictures | Strip | Unread:
        """Return what the decoder says of one file, or how the decoder failed at it."""
        if not self._starts:
            return DOES_NOT_START
        fresh = self._process is None
        process = self._process = self._process or start("diagnose.sources.video.decoder")
        with _limited(process, self._seconds) as expired:
            self._starts = not fresh or next_line(process) == READY
            line = exchange(process, job.line) if self._starts else ""
        found = read_answer(line) if line else None
        if found is not None and found is not NONSENSE:
            return found
        status = self.close()
        if expired.is_set():
            return Unread(f"decoding took longer than {self._seconds:g} s", damage=False)
        if not self._starts:
            return DOES_NOT_START
        words = ending(status)
        # Only a crash of the decoder speaks against the file.
        return found or Unread(f"the decoder {words}", damage=words.split()[-1] in CRASHES)

    def close(self) -> int:
        """End the process, if there is one, and return its status."""
        process, self._process = self._process, None
        return 0 if process is None else end(process)


@contextmanager
def _limited(process: subprocess.Popen[str], seconds: float) -> Iterator[Event]:
    """Kill the process if the context lasts longer; the event says whether that was done."""
    expired = Event()

    def expire() -> None:
        expired.set()
        process.kill()

    timer = Timer(seconds, expire)
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
