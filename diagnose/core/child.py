"""A child process of ours that answers one line with one line, and ends when its input does, or when we do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO, cast

PATIENCE = 1.0
"""Seconds that a process is given to end by itself."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""There is a child for every core; threads of their own would only wait for each other."""
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20)}
"""glibc: what is freed is used again, not given back and fetched anew page by page. The first is the most it takes."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start(module: str) -> subprocess.Popen[str]:
    """Start a process that runs `main` of a module of ours; it sees the very modules we see.

    The main module of the program that uses us is not run again, so it needs no guard.

    Raises:
        OSError: the system starts no more processes.
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD, **KEPT, "PYTHONUTF8": "1"},
        encoding="utf-8",
        errors="surrogateescape",
    )


def exchange(process: subprocess.Popen[str], request: str) -> str:
    """Return the answer to one line; "" from a process that is dead."""
    with suppress(BrokenPipeError):
        requests = cast("IO[str]", process.stdin)
        requests.write(request)
        requests.flush()
    return next_line(process)


def next_line(process: subprocess.Popen[str]) -> str:
    """Wait for a line; "" from a process that is dead."""
    return cast("IO[str]", process.stdout).readline()


def end(process: subprocess.Popen[str]) -> int:
    """Close the process's input, kill it if it does not end by that, and return its status."""
    with suppress(BrokenPipeError):
        cast("IO[str]", process.stdin).close()
    try:
        status = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    cast("IO[str]", process.stdout).close()
    return status


def ending(status: int) -> str:
    """Word a status: "was killed by SIGKILL", "ended with status 1"."""
    if status >= 0:
        return f"ended with status {status}"
    names = {each.value: each.name for each in signal.Signals}
    return f"was killed by {names.get(-status, f'signal {-status}')}"
