"""Find out how one start of the trainer ended: what failed, who stopped it, whether it got to its end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagnose.sources.checkpoints import NAME
from diagnose.sources.console.marks import Mark
from diagnose.sources.readings import SessionEnd

LONGEST_TEXT = 300
"""Characters kept of a line of the console."""

_STOPS = re.compile(rb"^KeyboardInterrupt\b|^Exception: Job (?:stopped|returning to queue)$")
_STOP_MESSAGES = (b"Job stopped", b"Job returning to queue")


def readable(text: bytes) -> str:
    """Return a line of the console as text to show."""
    return text.decode("utf-8", "replace")[:LONGEST_TEXT]


class Ending:
    """Gathers the signs of an end. A failure that training went on after was none."""

    def __init__(self) -> None:
        """Start with a session that shows no end."""
        self.error: str | None = None
        self.error_line: int | None = None
        self._in_traceback = False
        self._stopped = False
        self._finished = False

    @property
    def end(self) -> SessionEnd:
        """How the session ended, by what was seen so far."""
        if self._finished:
            return SessionEnd.FINISHED
        if self._stopped:
            return SessionEnd.INTERRUPTED
        return SessionEnd.CUT_OFF if self.error is None else SessionEnd.CRASHED

    def read(self, line: int, text: bytes, told: Sequence[tuple[Mark, re.Match[bytes]]], job: bytes | None) -> None:
        """Take the next line that is no bar, with what it tells and the name of the job."""
        if self._in_traceback and not text[:1].isspace():
            self._in_traceback = False
            self._fail(text, line)
        for mark, match in told:
            if mark is Mark.TRACEBACK:
                self._in_traceback = True
            elif mark is Mark.STOPPED or (mark is Mark.JOB_ERROR and match[1] in _STOP_MESSAGES):
                self._stopped = True
            elif mark is Mark.JOB_ERROR:
                self._fail(text, line)
            elif mark is Mark.SAVED:
                self._finished = self._finished or _is_final(match[1], job)

    def trained(self) -> None:
        """Note that another step was trained."""
        self.error = self.error_line = None

    def _fail(self, text: bytes, line: int) -> None:
        if _STOPS.search(text):
            self._stopped = True
            return
        self.error, self.error_line = readable(text), line


def step_in_name(saved: bytes) -> int | None:
    """Return the step in the name of a checkpoint the console speaks of; the final one has none."""
    name = NAME.fullmatch(_file_name(saved))
    return None if name is None or name["step"] is None else int(name["step"])


def _is_final(saved: bytes, job: bytes | None) -> bool:
    if job is not None and _file_name(saved).rpartition(".")[0] == readable(job):
        return True  # even if the job's own name ends like a step
    return step_in_name(saved) is None


def _file_name(saved: bytes) -> str:
    return re.split(r"[/\\]", saved.decode("utf-8", "replace"))[-1]
