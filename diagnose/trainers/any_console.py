"""Read the console of whatever program trained: how far its bar came, how fast, and what it ended with.

For texts that no room's reader knows, and only where the user says that they are consoles: a log of anything may hold a
traceback. What is read here is what every such program prints through Python, tqdm and DeepSpeed.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from diagnose.core.paths import shown
from diagnose.core.values import Place
from diagnose.sources.console_text.end_region import EndRegion
from diagnose.sources.console_text.forms import plain
from diagnose.sources.console_text.line import LONGEST_SHOWN
from diagnose.sources.console_text.loaded_keys import KeysReader
from diagnose.sources.lines import pieces
from diagnose.sources.log_readings import (
    MOST_SESSIONS,
    Abilities,
    ConsoleReading,
    ConsoleSession,
    LogReading,
    Mention,
    SessionEnd,
    Sign,
)
from diagnose.sources.log_rows import LogRow, LogRows, latest_rows
from diagnose.sources.row_writer import MOST_ROWS, RowWriter, check_room
from diagnose.trainers.other_programs import printed_by

_BAR = re.compile(
    r"(?:(?P<name>[^|:\r]{1,80}): +)?\d{1,3}%\|[^|]{0,200}\| (?P<at>\d{1,9})/(?P<total>\d{1,9}) "
    r"\[(?:(?P<hours>\d{1,5}):)?(?P<minutes>\d\d):(?P<seconds>\d\d)<[^\[\]]{0,200}\]?"
)
_TRAINING = re.compile(r"^(?:steps|step|training|train|epoch)\b|[ ,](?:avr_|avg_|train_)?loss[=:]", re.IGNORECASE)
"""What the bar of training steps is called, or shows after its rate; others are of downloads, caches and previews."""
_NAN = re.compile(r"[ ,](?:avr_|avg_|train_)?loss[=:] ?nan\b", re.IGNORECASE)
_COUNTED = re.compile(r"steps: (?P<at>\d{1,9}) loss: \S+ iter time \(s\): (?P<took>\d{1,6}(?:\.\d{1,9})?)\b")
"""DeepSpeed's line of a step."""
_COMPLETE = re.compile(rb"TRAINING COMPLETE!$|.*\bmodel saved\.$")
"""What diffusion-pipe and musubi-tuner print last."""
_ABILITIES = Abilities()


def read_any_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    """Read a console in one pass; a text of anything is one that shows no step and no end.

    Raises:
        DiagnoseError: it cannot be read.
    """
    console = _Console(shown(path, run_dir))
    for piece in pieces(path):
        for raw in plain(piece.text):
            if text := raw.rstrip():
                console.read(piece.number, text)
    return console.reading()


class _Start:
    """One start of the program, as far as it was read."""

    def __init__(self, file: str, line: int) -> None:
        self._file = file
        self.first_line = self.last_line = line
        self._writer = RowWriter(file)
        self.last_step = -1
        self.total: int | None = None
        self.clock = 0.0
        self.region = EndRegion()
        self.complete = False
        self.keys = KeysReader(file)

    def trained(self, row: LogRow) -> bool:
        """Take a step that is done, and return whether it is a new one: what went wrong before it was no end."""
        again = self._writer.put(row)
        self.last_step = row.step
        self.region.clear()
        self.complete = False
        return not again

    @cached_property
    def rows(self) -> LogRows:
        """The steps it trained, when all of it is read."""
        return self._writer.rows()

    def told(self) -> ConsoleSession:
        """Return it as it was; what it died of, if it did, is told by the text of its end."""
        text = self.region.text(torn=True)
        steps = self.rows.steps
        done = self.complete or (self.total is not None and self.total - 1 in steps)
        return ConsoleSession(
            file=self._file,
            first_line=self.first_line,
            last_line=self.last_line,
            end=SessionEnd.FINISHED if done and text.failure() is None else SessionEnd.CUT_OFF,
            first_step=steps[0] if steps else None,
            last_step=steps[-1] if steps else None,
            total_steps=self.total,
            end_text=text,
            whole=False,
        )


class _Console:
    """Takes the lines of a console, and sorts them into starts of its program."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._starts = [_Start(file, 1)]
        self._signs: dict[str, Sign] = {}
        self._rows = 0
        self._nan: dict[int, Mention] = {}

    def read(self, line: int, raw: bytes) -> None:
        """Take the next line that is not empty."""
        text, start = raw.decode("utf-8", "replace"), self._starts[-1]
        start.last_line = line
        program = printed_by(text)
        if program is not None:
            place = Place(self.file, line=line)
            self._signs.setdefault(program, Sign(program, f"only {program} prints “{text[:60].strip()}”", place))
        if "|" in text and (bar := _last(_BAR, text)) is not None:
            self._draw(bar, line, text[bar.end("seconds") :])
            raw = text[bar.end() :].strip().encode()  # a bar that was not ended: what comes next is on its line
        elif (counted := _COUNTED.match(text)) is not None:
            start.clock += float(counted["took"])
            self._train(int(counted["at"]), None, start.clock, line)
            self._hear(int(counted["at"]), line, text)
            return
        if raw:
            start = self._starts[-1]
            start.region.add(line, raw)
            start.keys.read(line, raw)
            start.complete = start.complete or _COMPLETE.match(raw) is not None

    def _draw(self, bar: re.Match[str], line: int, rest: str) -> None:
        if not _TRAINING.search(bar["name"] or "") and not _TRAINING.search(rest):
            return
        seconds = int(bar["hours"] or 0) * 3600 + int(bar["minutes"]) * 60 + int(bar["seconds"])
        self._train(int(bar["at"]), int(bar["total"]), seconds, line)
        self._hear(int(bar["at"]), line, rest)

    def _hear(self, at: int, line: int, rest: str) -> None:
        """Note that the loss of a step, or its mean up to there, is no number."""
        if at and _NAN.search(rest) and len(self._nan) < MOST_ROWS:
            self._nan[at - 1] = Mention(Place(self.file, line=line, step=at - 1), rest[:LONGEST_SHOWN].strip())

    def _train(self, at: int, total: int | None, elapsed: float, line: int) -> None:
        start = self._starts[-1]
        if at <= start.last_step and len(self._starts) < MOST_SESSIONS:  # the bar went back: another start
            start = _Start(self.file, line)
            start.clock = elapsed if total is None else 0.0
            self._starts.append(start)
        start.total = total if total is not None else start.total
        if at:
            self._rows += start.trained(LogRow(at - 1, line, elapsed=elapsed))
            check_room(self._rows, self.file)

    def reading(self) -> ConsoleReading:
        """Return what was read."""
        return ConsoleReading(
            log=LogReading(self.file, _ABILITIES, latest_rows([start.rows for start in self._starts])),
            sessions=tuple(start.told() for start in self._starts),
            nan_losses=tuple(self._nan.values()),
            loaded=self._starts[-1].keys.told(),
            signs=tuple(self._signs.values()),
            anyones=True,
        )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last match in a text: bars that a pipe runs together are on one line."""
    found = None
    for match in pattern.finditer(text):
        found = match
    return found
