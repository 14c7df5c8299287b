"""Ask for figures of checkpoint files: from the cache where nothing changed, else from workers.

The work is spread module by module over processes: results in order, one pool for a whole run, nothing left behind.
Processes, because threads hand the interpreter lock to each other between numpy's short calls, and two of them are
hardly faster than one. A worker holds nothing but the request it works on, so one that is lost is simply replaced.
Until something is not in the cache nothing loads numpy.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext, suppress
from hashlib import sha256
from typing import Any, TypeAlias

from msgspec import Struct

from diagnose.core.cache import Cache
from diagnose.core.child import cores, end, ending, exchange, start
from diagnose.core.errors import DiagnoseError
from diagnose.core.fingerprint import samples
from diagnose.core.paths import status_of
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.lora_pairs import LoraPair
from diagnose.weights.requests import Request, Task, read_answer, size_of

WORKER = "diagnose.weights.worker"
MOST_WORKERS = 8
"""Beyond this the disk sets the pace, and memory grows by 45 MB with every worker."""
HERE = 64 * 2**20
"""Bytes that are worked on in the calling process, in 0.1 s, before others are started, which takes 0.15 s."""
LEAST, MOST = 4 * 2**20, 64 * 2**20
"""Bytes of one request: some 6 ms of work, beside which the exchange of two lines is little, to 90 ms, for which an
interruption or a progress bar can wait."""


class Processes:
    """Workers that are started when they are needed, and stay until they are closed."""

    def __init__(self, count: int | None = None, *, here: int = HERE) -> None:
        """Start nothing yet.

        Args:
            count: how many processes; default is one per core, at most MOST_WORKERS. One means the calling process.
            here: bytes that are worked on in the calling process first.
        """
        self._count = min(cores(), MOST_WORKERS) if count is None else count
        self._here = here
        self._idle: list[subprocess.Popen[str]] = []

    def close(self) -> None:
        """End the workers; a later request would start new ones."""
        while self._idle:
            end(self._idle.pop())

    def results(self, request: Request) -> Generator[Any, None, None]:
        """Yield the result for every module of a request, in order, while the workers work ahead.

        Closing the generator, or an exception, drops what has not begun and waits for what has.

        Raises:
            DiagnoseError: a file cannot be opened or read to its end, or a worker died.
        """
        self._here -= request.bytes
        if self._count == 1 or self._here >= 0 or not sys.executable:
            from diagnose.weights import worker  # noqa: PLC0415 - loads numpy, so not before it is needed

            yield from worker.results(request)
            return
        with ThreadPoolExecutor(self._count) as threads:
            try:
                parts = request.parts(2 * self._count, least=LEAST, most=MOST)
                for results in threads.map(self._ask, parts):
                    yield from results
            finally:
                threads.shutdown(cancel_futures=True)

    def _ask(self, request: Request) -> Sequence[Any]:
        """Have a worker that is idle, or a new one, answer a request. Called in a thread."""
        try:
            process = self._living() or start(WORKER)
        except OSError as error:
            raise DiagnoseError(
                f"{request.paths[-1]}: cannot be measured, no process starts ({error.strerror}); end some others"
            ) from error
        line = exchange(process, request.line)
        if not line.endswith("\n"):
            raise DiagnoseError(
                f"{request.paths[-1]}: the process that measured it {ending(end(process))}; "
                "try again, with more memory free if it ran short"
            )
        self._idle.append(process)
        return read_answer(line)

    def _living(self) -> subprocess.Popen[str] | None:
        """Take an idle worker, None if there is none; one that has died meanwhile took no work with it."""
        with suppress(IndexError):
            while True:
                process = self._idle.pop()
                if process.poll() is None:
                    return process
                end(process)
        return None


FORMAT = 5
"""Raise it whenever a figure is computed or stored differently: older results are then not found."""


class Advance(Struct, frozen=True):
    """One step of a measurement: `modules` of the file's `total` are done, and `bytes` more have been read."""

    file: str
    modules: int
    total: int
    bytes: int


Progress: TypeAlias = Callable[[Advance], None]


class Instrument(Struct, frozen=True):
    """Where results are kept, who works them out, and who is told how far it is, in the calling thread."""

    cache: Cache
    processes: Processes
    progress: Progress | None

    def ask(
        self,
        task: Task,
        checkpoints: Sequence[CheckpointFile],
        modules: Sequence[tuple[LoraPair, ...]],
    ) -> tuple[list[Any], bool]:
        """Return the result for each module, a JSON value, and whether they come from the cache.

        Args:
            task: what is asked.
            checkpoints: the files, the last of which is the one that progress names.
            modules: of each module its pair in every file.

        Raises:
            DiagnoseError: a file cannot be read to its end, it changed meanwhile, or a worker died over it.
        """
        request = Request(task, tuple(each.path for each in checkpoints), tuple(modules))
        tell = self.progress or (lambda _: None)
        file, total = checkpoints[-1].file, len(modules)

        key = key_of(checkpoints, purpose=task.value)
        stored = self.cache.load(key, list[Any])
        if stored is not None and len(stored) == total:
            tell(Advance(file, total, total, request.bytes))
            return stored, True

        fresh: list[Any] = []
        with closing(self.processes.results(request)) as results:
            for module, result in zip(modules, results, strict=True):
                fresh.append(result)
                tell(Advance(file, len(fresh), total, size_of(module)))
        for each in checkpoints:
            # A live run replaces files: what was read must belong to the header that was read before.
            status = status_of(each.path)
            if status is None or (status.st_size, status.st_mtime_ns) != (each.size, each.modified):
                raise DiagnoseError(f"{each.path}: changed while it was read; try again once it is written")
        self.cache.store(key, fresh)
        return fresh, False


@contextmanager
def instrument(cache: Cache, processes: Processes | None, progress: Progress | None) -> Iterator[Instrument]:
    """Yield an instrument with the workers given, which outlive it, or else with new ones, which do not."""
    with closing(Processes()) if processes is None else nullcontext(processes) as workers:
        yield Instrument(cache, workers, progress)


def key_of(checkpoints: Iterable[CheckpointFile], *, purpose: str) -> str:
    """Return the name under which a result about these files, in this order, is kept in a `Cache`.

    It depends on each file's header, size, time of change, experts and a sample of its bytes, and not on its path.
    `purpose` keeps different results about the same files apart.

    Raises:
        DiagnoseError: a file cannot be read.
    """
    digest = sha256(purpose.encode())
    for checkpoint in checkpoints:
        identity = (checkpoint.header_sha256, checkpoint.size, checkpoint.modified, checkpoint.experts)
        digest.update(json.dumps(identity).encode())
        try:
            for sample in samples(checkpoint.path, checkpoint.size):
                digest.update(sample)
        except OSError as error:
            raise DiagnoseError(f"{checkpoint.path}: cannot be read ({error.strerror}); check the path") from error
    return f"weights-{FORMAT}/{digest.hexdigest()}"
