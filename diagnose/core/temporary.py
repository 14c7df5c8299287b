"""Temporary files and folders: gone when their block ends, and when a signal ends the process before that.

SIGTERM ends Python on the spot: no `finally` runs. So what is temporary is noted before it is made, and removed by the
handler. The handler raises nothing, for what it raises within a callback of SQLite would be swallowed there.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_SIGNALS = ("SIGTERM", "SIGHUP")
"""What ends a process from outside; ^C is an exception already."""
_NAMED = ("TMPDIR", "TEMP", "TMP")
_USUAL = ("~/AppData/Local/Temp", "C:/Windows/Temp") if os.name == "nt" else ("/tmp", "/var/tmp")  # noqa: S108 - a folder of our own in it

_here: set[Path] = set()


@contextmanager
def temporary_folder(parent: Path | None = None, prefix: str = "diagnose-") -> Iterator[Path]:
    """Give a folder for the user alone, in `parent` or where this system keeps such; it goes with the block.

    The standard library tries the current folder last, which may be a run's, and nothing is ever written there.

    Raises:
        OSError: none can be made.
    """
    fault = OSError(0, "there is no folder for temporary files; set TMPDIR to one")
    for place in [parent] if parent is not None else _places():
        path = place / f"{prefix}{os.urandom(8).hex()}"
        with passing(path):
            try:
                path.mkdir(0o700)
            except OSError as error:
                fault = error if parent is not None else fault
                continue
            yield path
            return
    raise fault


@contextmanager
def passing(path: Path) -> Iterator[None]:
    """Remove a file or folder, if it is there, when the block ends or a signal ends the process."""
    _here.add(path)
    try:
        yield
    finally:
        _remove(path)
        _here.discard(path)


def clean_up_when_ended() -> None:
    """Have the signals that end this process remove what is temporary first. For a process that is ours alone."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    for path in tuple(_here):
        _remove(path)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _places() -> Iterator[Path]:
    named = [found for name in _NAMED if (found := os.environ.get(name))]
    yield from (Path(each).expanduser().absolute() for each in (*named, *_USUAL))


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir():
            import shutil  # noqa: PLC0415 - it imports every archive format, which takes 5 ms

            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
