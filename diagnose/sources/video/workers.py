"""Decode many files in child processes, one per core: a file that crashes or hangs its decoder costs that file alone.

The children share nothing with us but a pipe; a time limit for each file and one for all keep a pre-flight short.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Timer
from typing import Generic, Protocol

from msgspec import Struct

from diagnose.core.activity import doing
from diagnose.core.child import cores, end, ending, exchange, next_line, start
from diagnose.core.extras import is_here, missing
from diagnose.sources.video.frames import NONSENSE, READY, Answer, Job, Pictures, Strip, Unread, read_answer

SECONDS_EACH = 30.0
"""For one file; a clip of 81 frames at 832 x 480 takes 0.15 s."""
SECONDS_ALL = 120.0
"""For a data set; some 1500 such clips on two cores."""
MOST_WORKERS = 4
CRASHES = frozenset({"SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL"})
OUT_OF_TIME = "not looked at: the time for all files was up"


class Asked(Protocol):
    """A question about a file, as one line."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def line(self) -> str:
        """The request as it is sent."""


class Work(Struct, Generic[Answer], frozen=True):
    """What children do: the module whose `main` they run, what it answers, and how to call all that.

    Attributes:
        module: it serves requests (see `serving`).
        answer: the kind of its answers.
        packages: what it cannot do without: the module's name, and the package's.
        what: what is being done, for a line of progress.
        undone: what is not done where a package is missing.
    """

    module: str
    answer: type[Answer]
    packages: tuple[tuple[str, str], ...]
    what: str
    undone: str

    @property
    def lacking(self) -> Unread | None:
        """Why it cannot be done here; None where nothing is missing."""
        absent = [package for module, package in self.packages if not is_here(module)]
        return Unread(f"{self.undone}: {missing(absent[0])}", damage=False) if absent else None

    @property
    def stillborn(self) -> Unread:
        """What to say where the packages are here and a child does not start with them."""
        names = " or ".join(package for _, package in self.packages)
        modules = ", ".join(module for module, _ in self.packages)
        return Unread(f"{names} does not start here: try `python -c 'import {modules}'`", damage=False)


_PYAV = (("av", "av"),)
_DECODER = "diagnose.sources.video.decoder"
CLIPS = Work(_DECODER, Pictures, _PYAV, "reading clips", "clips are not looked at")
STRIPS = Work(_DECODER, Strip, _PYAV, "reading previews", "clips are not looked at")


def decode_all(
    jobs: Sequence[Job], *, seconds_each: float = SECONDS_EACH, seconds_all: float = SECONDS_ALL
) -> list[Pictures | Unread]:
    """Return what each file shows, in the order of the jobs."""
    return ask_all(CLIPS, jobs, seconds_each=seconds_each, seconds_all=seconds_all)


def strips(files: Sequence[tuple[Path, int | None]], *, seconds_all: float = SECONDS_ALL) -> list[Strip | Unread]:
    """Return a strip of pictures of each file, in their order; with each comes the frame for its middle, if any."""
    jobs = [Job(path, still=False, count=None, fps=None, strip=True, around=around) for path, around in files]
    return ask_all(STRIPS, jobs, seconds_each=SECONDS_EACH, seconds_all=seconds_all)


def ask_all(
    work: Work[Answer],
    jobs: Sequence[Asked],
    *,
    seconds_each: float,
    seconds_all: float,
    arrived: Callable[[int, Answer | Unread], None] | None = None,
) -> list[Answer | Unread]:
    """Return the answer for each file, in the order of the jobs.

    An interruption ends the children at once. `arrived` is called in a thread, with a job's index and its answer, as
    soon as it is there.
    """
    if (lacking := work.lacking) is not None:
        return [lacking] * len(jobs)
    deadline = time.monotonic() + seconds_all
    queue: SimpleQueue[int] = SimpleQueue()
    # the largest first, so that no core is left with a long one at the end
    for index in sorted(range(len(jobs)), key=lambda index: -_size(jobs[index].path)):
        queue.put(index)
    results: list[Answer | Unread] = [Unread(OUT_OF_TIME, damage=False)] * len(jobs)
    children = [_Child(work, seconds_each) for _ in range(min(len(jobs), cores(), MOST_WORKERS))]
    interrupted = Event()

    def answer(child: _Child[Answer]) -> None:
        with closing(child), suppress(Empty):
            while time.monotonic() < deadline and not interrupted.is_set():
                index = queue.get_nowait()
                doing(work.what, len(jobs) - queue.qsize(), len(jobs))
                found = child.ask(jobs[index])
                results[index] = found
                if arrived is not None and not interrupted.is_set():
                    arrived(index, found)

    if children:
        with ThreadPoolExecutor(len(children)) as threads:
            try:
                for future in [threads.submit(answer, child) for child in children]:
                    future.result()
            except BaseException:
                interrupted.set()
                for child in children:
                    child.stop()
                raise
    return results


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class _Child(Generic[Answer]):
    """A process that is started when it is needed, and again when a file has broken it."""

    def __init__(self, work: Work[Answer], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._starts = True

    def ask(self, job: Asked) -> Answer | Unread:
        """Return what the child says of one file, or how it failed at it."""
        if not self._starts:
            return self._work.stillborn
        fresh = self._process is None
        process = self._process = self._process or start(self._work.module)
        with _limited(process, self._seconds) as expired:
            self._starts = not fresh or next_line(process) == READY
            line = exchange(process, job.line) if self._starts else ""
        found = read_answer(line, self._work.answer) if line else None
        if found is not None and found is not NONSENSE:
            return found
        status = self.close()
        if expired.is_set():
            return Unread(f"decoding took longer than {self._seconds:g} s", damage=False)
        if not self._starts:
            return self._work.stillborn
        words = ending(status)
        # Only a crash of the decoder speaks against the file.
        return found or Unread(f"the decoder {words}", damage=words.split()[-1] in CRASHES)

    def stop(self) -> None:
        """Kill the process, if there is one; whoever waits for it gets no answer."""
        process = self._process
        if process is not None:
            process.kill()

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
