"""Read the console of whatever program trained: how far its bar came, how fast, and what it ended with.

For texts that no room's reader knows, and only where the user says that they are consoles: a log of anything may hold a
traceback. What is read here is what every such program prints through Python, tqdm and DeepSpeed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from diagnose.core.paths import shown
from diagnose.core.values import Place
from diagnose.sources.console_text.end_region import EndRegion
from diagnose.sources.console_text.forms import plain
from diagnose.sources.lines import pieces
from diagnose.sources.log_readings import (
    Abilities,
    ConsoleReading,
    ConsoleSession,
    LogReading,
    LogRow,
    SessionEnd,
    Sign,
    check_room,
)
from diagnose.sources.tally import Tally
from diagnose.trainers.other_programs import printed_by

MOST_SESSIONS = 1_000
_BAR = re.compile(
    r"(?:(?P<name>[^|:\r]{1,80}): +)?\d{1,3}%\|[^|]{0,200}\| (?P<at>\d{1,9})/(?P<total>\d{1,9}) "
    r"\[(?:(?P<hours>\d{1,5}):)?(?P<minutes>\d\d):(?P<seconds>\d\d)<[^\[\]]{0,200}\]?"
)
_TRAINING = re.compile(r"^(?:steps|step|training|train|epoch)\b|[ ,](?:avr_|avg_|train_)?loss[=:]", re.IGNORECASE)
"""What the bar of training steps is called, or shows after its rate; others are of downloads, caches and previews."""
_COUNTED = re.compile(r"steps: (?P<at>\d{1,9}) loss: \S+ iter time \(s\): (?P<took>\d{1,6}(?:\.\d{1,9})?)\b")
"""DeepSpeed's line of a step."""
_COMPLETE = re.compile(r"TRAINING COMPLETE!$|.*\bmodel saved\.$")
"""What diffusion-pipe and musubi-tuner print last."""
_ABILITIES = Abilities()


def read_any_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    """Read a console in one pass; a text of anything is one that shows no step and no end.

    Raises:
        DiagnoseError: it cannot be read.
    """
    console = _Console(shown(path, run_dir))
    for line, text in _lines(path):
        console.read(line, text)
    return console.reading()


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for piece in pieces(path):
        for raw in plain(piece.text):
            if text := raw.decode("utf-8", "replace").rstrip():
                yield piece.number, text


class _Start:
    """One start of the program, as far as it was read."""

    def __init__(self, line: int) -> None:
        self.first_line = self.last_line = line
        self.rows: dict[int, LogRow] = {}
        self.total: int | None = None
        self.clock = 0.0
        self.region = EndRegion()
        self.complete = False

    def trained(self, row: LogRow) -> None:
        """Take a step that is done: what went wrong before it was no end."""
        self.rows[row.step] = row
        self.region.clear()
        self.complete = False

    @property
    def end(self) -> SessionEnd:
        """How it ended, by what the program itself says of its steps."""
        text = self.region.text(torn=True)
        failed = text.failure() is not None
        done = self.complete or (self.total is not None and self.total - 1 in self.rows)
        if done and not failed:
            return SessionEnd.FINISHED
        return SessionEnd.CRASHED if failed else SessionEnd.CUT_OFF


class _Console:
    """Takes the lines of a console, and sorts them into starts of its program."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.tally = Tally(file)
        self._starts = [_Start(1)]
        self._signs: dict[str, Sign] = {}

    def read(self, line: int, text: str) -> None:
        """Take the next line that is not empty."""
        start = self._starts[-1]
        start.last_line = line
        program = printed_by(text)
        if program is not None:
            place = Place(self.file, line=line)
            self._signs.setdefault(program, Sign(program, f"only {program} prints “{text[:60].strip()}”", place))
        if "|" in text and (bar := _last(_BAR, text)) is not None:
            self._draw(bar, line, text[bar.end("seconds") :])
        elif (counted := _COUNTED.match(text)) is not None:
            start.clock += float(counted["took"])
            self._train(int(counted["at"]), None, start.clock, line)
        else:
            self._end(line, text)

    def _draw(self, bar: re.Match[str], line: int, rest: str) -> None:
        if not _TRAINING.search(bar["name"] or "") and not _TRAINING.search(rest):
            return
        seconds = int(bar["hours"] or 0) * 3600 + int(bar["minutes"]) * 60 + int(bar["seconds"])
        self._train(int(bar["at"]), int(bar["total"]), seconds, line)

    def _train(self, at: int, total: int | None, elapsed: float, line: int) -> None:
        start = self._starts[-1]
        last = max(start.rows, default=-1)
        if at <= last and len(self._starts) < MOST_SESSIONS:  # the bar went back: another start
            start = _Start(line)
            start.clock = elapsed if total is None else 0.0
            self._starts.append(start)
        start.total = total if total is not None else start.total
        if at > last + 1 or at:
            start.trained(LogRow(at - 1, line, elapsed=elapsed, file=self.file))
            check_room(start.rows, self.file)

    def _end(self, line: int, text: str) -> None:
        start = self._starts[-1]
        start.region.add(line, text.encode())
        if _COMPLETE.match(text):
            start.complete = True

    def reading(self) -> ConsoleReading:
        """Return what was read; a later start replaces the steps from its first one on."""
        rows: dict[int, LogRow] = {}
        for start in self._starts:
            first = min(start.rows, default=None)
            if first is not None:
                rows = {step: row for step, row in rows.items() if step < first} | start.rows
        return ConsoleReading(
            log=LogReading(self.file, _ABILITIES, tuple(rows[step] for step in sorted(rows))),
            sessions=tuple(self._session(start) for start in self._starts),
            signs=tuple(self._signs.values()),
            remarks=self.tally.remarks(),
            anyones=True,
        )

    def _session(self, start: _Start) -> ConsoleSession:
        return ConsoleSession(
            file=self.file,
            first_line=start.first_line,
            last_line=start.last_line,
            end=start.end,
            first_step=min(start.rows, default=None),
            last_step=max(start.rows, default=None),
            total_steps=start.total,
            end_text=start.region.text(torn=True),
            whole=False,
        )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last match in a text: bars that a pipe runs together are on one line."""
    found = None
    for match in pattern.finditer(text):
        found = match
    return found
