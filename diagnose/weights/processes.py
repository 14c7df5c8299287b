"""Spread modules over worker processes: results in order, one pool for a whole run, nothing left behind.

Processes, because threads hand the interpreter lock to each other between numpy's short calls, and two of them are
hardly faster than one. A worker holds nothing but the request it works on, so one that is lost is simply replaced.
Knows no numpy: it is loaded in the workers, or here when little is to be read.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from diagnose.core.child import cores, end, ending, exchange, start
from diagnose.core.errors import DiagnoseError
from diagnose.weights.requests import Request, read_answer

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
