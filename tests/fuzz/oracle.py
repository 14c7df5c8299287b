"""What must hold for every input: no traceback, no write outside, one clear line for a refusal, clean and stable JSON.

Time and memory are watched by the driver, from outside.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from fuzz.formats import Format
from fuzz.noted import GROWTH

from diagnose.cli.main import main
from diagnose.core.errors import DiagnoseError

LONGEST = 20_000
"""Characters of a refusal; a rule base lists its faults, a line each."""
USED = {0, 1, 2}
AGAIN = 4
"""Of so many judged inputs one is judged twice, and must give the same bytes."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.utime", "os.setxattr",
}  # fmt: skip


class WrongError(AssertionError):
    """What no input may bring about."""


class Guard:
    """Notes every write that is neither below the allowed folders nor to a device. There is one, for all time."""

    def __init__(self, *allowed: Path) -> None:
        self.allowed = tuple(os.path.realpath(path) for path in allowed)
        self.outside: list[str] = []
        self.on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & _WRITES or isinstance(path, int):
                return
        elif event not in _CHANGES:
            return
        path, opened = arguments[0], [each for each in arguments[1:] if isinstance(each, int) and each > 0]
        if isinstance(path, str | bytes | os.PathLike):
            within = f"/proc/self/fd/{opened[-1]}" if event in {"os.remove", "os.rmdir"} and opened else ""
            where = os.path.realpath(Path(within, os.fsdecode(path)))
            if not where.startswith((*self.allowed, "/dev/", "/proc/self/")):
                self.outside.append(f"{event} {where}")


@contextlib.contextmanager
def _listening(guard: Guard) -> Any:
    guard.on = True
    try:
        yield
    finally:
        guard.on = False
    if guard.outside:
        found = guard.outside[0]
        guard.outside.clear()
        raise WrongError(f"wrote outside: {found}")


def try_input(form: Format, number: int, folder: Path, guard: Guard, tally: Counter[str]) -> None:
    """Read, and where it is its turn judge, the input in a folder.

    Raises:
        Exception: whatever got through.
    """
    before = peak()
    with _listening(guard):
        tally["inputs"] += 1
        tally["read" if accepted(form.read, folder) else "refused"] += 1
        if form.facts is not None and number % form.facts_every == 0:
            tally["facts worked out"] += accepted(form.facts, folder)
        if number % form.judged_every == 0:
            status, text = command(form.command(folder))
            tally["judged" if text else "judged: refused"] += 1
            if number % (form.judged_every * AGAIN) == 0:
                tally["judged twice"] += 1
                if command(form.command(folder)) != (status, text):
                    raise WrongError("the same input, not the same bytes")
    if peak() - before > GROWTH << 20:
        raise WrongError(f"memory grew by {(peak() - before) >> 20} MB")


def accepted(read: Any, folder: Path) -> bool:
    """Return whether an input is taken; a refusal must be clear lines."""
    try:
        read(folder)
    except DiagnoseError as error:
        clear(str(error))
        return False
    return True


def clear(text: str) -> None:
    """Raise if a refusal is no clear text: control characters, nothing, or pages of it."""
    if not text.strip() or len(text) > LONGEST:
        raise WrongError(f"the refusal is not clear: {text[:300]!r}")


def command(arguments: list[str]) -> tuple[int, bytes]:
    """Run a whole command in this process; return its status and what it printed."""
    raw = io.BytesIO()
    out, err = io.TextIOWrapper(raw, encoding="utf-8", errors="strict"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
        out.flush()
    text, said = raw.getvalue(), err.getvalue()
    if status not in USED:
        raise WrongError(f"exit status {status}\n{said[-4000:]}")
    hostile = [each for each in said if not (each.isprintable() or each == "\n")]
    if hostile:
        raise WrongError(f"standard error has {hostile[0]!r}: {said[:300]!r}")
    if text:
        json.loads(text, parse_constant=_no_constant)
    elif status != 2:
        raise WrongError(f"exit status {status}, and nothing printed")
    elif not said.strip():
        raise WrongError("refused without a word")
    return status, text


def _no_constant(name: str) -> None:
    raise WrongError(f"the JSON holds {name}")


def peak() -> int:
    """Return the largest resident size so far, in bytes; Linux counts in kB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def scratch() -> Path:
    """Return a new folder in memory where there is one: 10^5 inputs are 10^6 small files."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if os.access(memory, os.W_OK) else None))
