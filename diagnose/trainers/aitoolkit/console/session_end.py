"""Find out how one start of the trainer ended: what failed, who stopped it, whether it got to its end.

Until July 2026 `run.py --log` recorded each write to standard error twice (toolkit/print.py), and the interface always
starts the trainer with `--log`. The last line of a traceback is written in pieces, so that it then reads
`ValueErrorValueError: : no roomno room`; such a line is read as it was meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from diagnose.sources.log_readings import SessionEnd
from diagnose.trainers.aitoolkit.console.marks import Mark
from diagnose.trainers.aitoolkit.file_names import CHECKPOINT

LONGEST_TEXT = 300
"""Characters kept of a line of the console."""

_STOPS = re.compile(rb"^KeyboardInterrupt\b|^Exception: Job (?:stopped|returning to queue)$")
_STOP_MESSAGES = (b"Job stopped", b"Job returning to queue")
_CHAINS = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
"""What Python prints between an error and the one that followed from it."""


class Said(NamedTuple):
    """A line of the console, as text to show, with its 1-based number."""

    text: str
    line: int


def readable(text: bytes) -> str:
    """Return a line of the console as text to show."""
    return text.decode("utf-8", "replace")[:LONGEST_TEXT]


class Ending:
    """Gathers the signs of an end. A failure that training went on after was none.

    `error` is what the trainer died of, `killed` the system's word that it took the process.
    """

    def __init__(self) -> None:
        self.error: Said | None = None
        self.killed: Said | None = None
        self._first: Said | None = None  # the error that a chain of them began with
        self._memory: Said | None = None  # the first step that was lost to memory since one was trained
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
        if self.killed is not None:
            return SessionEnd.KILLED
        return SessionEnd.CUT_OFF if self.error is None else SessionEnd.CRASHED

    @property
    def cause(self) -> Said | None:
        """What the error followed from, where the console shows it: a step without memory, or an earlier error."""
        earlier = [said for said in (self._memory, self._first) if said is not None]
        if self.error is None or not earlier:
            return None
        first = min(earlier, key=lambda said: said.line)
        return first if first.line < self.error.line and first.text != self.error.text else None

    def read(self, line: int, text: bytes, told: Sequence[tuple[Mark, re.Match[bytes]]], job: bytes | None) -> None:
        """Take the next line that is no bar, with what it tells and the name of the job."""
        marked = {mark for mark, _ in told}
        if text in _CHAINS:
            self._first = self._first or self.error
        elif self._in_traceback and not text[:1].isspace() and Mark.TRACEBACK not in marked:
            self._in_traceback = False
            meant = undoubled(text)
            if _STOPS.search(meant):
                self._stopped = True
            else:
                self.error = Said(readable(meant), line)
        for mark, match in told:
            self._learn(mark, match, Said(readable(text), line), job)

    def trained(self) -> None:
        """Note that another step was trained."""
        self.error = self.killed = self._first = self._memory = None

    def _learn(self, mark: Mark, match: re.Match[bytes], said: Said, job: bytes | None) -> None:
        if mark is Mark.TRACEBACK:
            self._in_traceback = True
        elif mark is Mark.STOPPED or (mark is Mark.JOB_ERROR and match[1] in _STOP_MESSAGES):
            self._stopped = True
        elif mark is Mark.KILLED:
            self.killed = said
        elif mark is Mark.JOB_ERROR:
            self.error = said
        elif mark is Mark.CLIP_ERROR:
            self.error = self._first = None  # the trainer leaves the clip out and goes on
        elif mark is Mark.OUT_OF_MEMORY:
            self._memory = self._memory or said
        elif mark is Mark.SAVED:
            # the name decides even if the job's own name ends like a step
            named = job is not None and _file_name(match[1]).rpartition(".")[0] == readable(job)
            self._finished = self._finished or named or step_in_name(match[1]) is None


def step_in_name(saved: bytes) -> int | None:
    """Return the step in the name of a checkpoint the console speaks of; the final one has none."""
    name = CHECKPOINT.fullmatch(_file_name(saved))
    return None if name is None or name["step"] is None else int(name["step"])


def _file_name(saved: bytes) -> str:
    return re.split(r"[/\\]", saved.decode("utf-8", "replace"))[-1]


SEPARATOR = b": "


def undoubled(text: bytes) -> bytes:
    """Return the last line of a traceback as it was meant; one that was written once stays as it is."""
    head, told, message = text.partition(SEPARATOR * 2)
    name = _name(head)
    if name is None:
        return text
    return name + SEPARATOR + (_half(message) or message) if told else name


def _name(text: bytes) -> bytes | None:
    """Return the class of an error whose module, dot and name were each written twice."""
    module, dots, name = text.rpartition(b"..")
    halves = [_half(part) for part in ([module, name] if dots else [name])]
    if any(half is None or not half.replace(b".", b"_").decode("ascii", "replace").isidentifier() for half in halves):
        return None
    return b".".join(half for half in halves if half is not None)


def _half(text: bytes) -> bytes | None:
    """Return the first half of a text whose second half is the same."""
    middle = len(text) // 2
    return text[:middle] if middle and text[:middle] == text[middle:] else None
