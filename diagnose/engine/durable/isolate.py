"""The C engine in a child process: what it breaks is the child.

The child sees neither site packages nor the interpreter's environment variables, only the folder of the C module.
It has a time limit for the whole inference from the first question on, and a locale with a decimal point.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread, Timer
from typing import IO, cast

from diagnose.core.cache import default_cache, fingerprint
from diagnose.core.child import ending
from diagnose.core.errors import EngineError
from diagnose.engine.durable import c_module
from diagnose.engine.durable.adapter import Load

ROOM = 2**18
"""Bytes of a pipe that takes all that a stage is sent, so that we need not wait until the child has read it."""
SECONDS = 20.0
"""For all stages of an inference, which takes a fraction of one second."""


def command(folder: Path) -> list[str]:
    """Return what starts the child; `folder` is where the C module lies."""
    return [sys.executable, "-I", "-S", "-X", "faulthandler", c_module.__file__, str(folder)]


class Child:
    """A running child, and what it has been sent."""

    def __init__(self, folder: Path) -> None:
        """Start the child, to be killed SECONDS after it is first asked; `folder` is where the C module lies.

        Raises:
            EngineError: it cannot be started.
        """
        pipe, environment = subprocess.PIPE, {**os.environ, "LC_ALL": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                command(folder),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=environment,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as fault:
            raise EngineError(f"the engine's process does not start: {fault}") from fault
        self._requests, self._answers, self._errors = (
            cast("IO[str]", stream) for stream in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        with suppress(ImportError, AttributeError, OSError):  # without more room a writer waits for its reader
            import fcntl  # noqa: PLC0415 - not everywhere

            fcntl.fcntl(self._requests.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
        self._sent: list[str] = []
        self._expired = False
        self._timer = Timer(SECONDS, self._expire)
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._listener = Thread(target=self._listen, daemon=True)  # so that the child never waits for us
        self._listener.start()

    def ask(self, loads: Iterable[Load]) -> Iterator[str]:
        """Send one stage's loads, at least one, and return their matches, which are waited for when they are asked for.

        Raises:
            EngineError: with the matches, the child says what went wrong, or is dead.
        """
        if not self._sent:
            self._timer.start()
        for ruleset, messages in loads:
            self._send(ruleset, *messages, "")
        self._send("")
        return self._matches()

    def _send(self, *lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        self._sent.append(text)
        with suppress(BrokenPipeError):  # a dead child: the missing answer tells
            self._requests.write(text)
            self._requests.flush()

    def _matches(self) -> Iterator[str]:
        while line := self._lines.get():
            if line == "\n":
                return
            if line.startswith("!"):
                raise EngineError(line[1:].strip())
            yield line.rstrip("\n")
        errors = self._errors.read().strip().splitlines()
        status = self._process.wait()
        if self._expired:
            raise EngineError(f"the engine gave no answer within {self._timer.interval:g} s")
        why = f": {errors[-1] if errors else 'no word why'}" if status >= 0 else ""
        raise EngineError(f"the engine's process {ending(status)}{why}")

    def save(self) -> str:
        """Save what the child was sent, in a form it can be sent again, and return the words that say where."""
        if not self._sent:
            return ""
        data = "".join(self._sent).encode()
        folder = default_cache().folder
        if folder is None:
            return " (its input could not be saved: there is no cache folder)"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"engine-{fingerprint(data)}.txt"
            file.write_bytes(data)
        except OSError as fault:
            return f" (its input could not be saved: {fault})"
        return f" (its input is saved in {file})"

    def _listen(self) -> None:
        for line in self._answers:
            self._lines.put(line)
        self._lines.put("")

    def close(self) -> None:
        """End the child."""
        self._timer.cancel()
        self._process.kill()
        self._listener.join()
        with suppress(BrokenPipeError), self._process:
            pass

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()
