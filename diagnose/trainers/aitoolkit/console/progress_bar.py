"""Read the training progress bar of a console, and find out which step each drawing of it belongs to.

Both trainers show one bar for the training steps and others for samples, weights and data. Only the training bar
carries a rate: `job:  12%|█▏  | 19/160 [00:04<00:33, 4.26it/s, lr0: 5.8e-05 lr1: 3.3e-05 loss: 6.437e-01]`.

The position of the bar is not the step. Within a step the trainer first draws the new numbers at the old position
(a *post*), then moves on (a *tick*). Upstream moves to step + 1; the fork, and upstream before August 2026, to
step, so there the post of step 20 reads "19/160". A tick can be missing (after a save, or in steps of less than a
tenth of a second), a bar that is closed is drawn once more, and a resumed fork starts at a step its bar does not
show.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_rows import LogRow
from diagnose.sources.tally import Tally

_BAR = re.compile(rb"(\d{1,9})/(\d{1,9}) \[([^\[\],]*),[^\[\],]*, (lr\d?: [^\[\]]+)\]")
_ELAPSED = re.compile(rb"(?:(\d{1,5}):)?(\d\d):(\d\d)(?:<|$)")
_IDLE = re.compile(rb".+?: +\d{1,3}%\|[^|]*\| (\d{1,9})/(\d{1,9}) \[[^\[\],]*, *\?it/s\]")
_PAIR = re.compile(rb"(?:^|(?<= ))([^\s:]+): (\S+)")

_EXPERTS = {b"lr0": Expert.HIGH.value, b"lr1": Expert.LOW.value}
_READ = frozenset({b"lr", b"loss", *_EXPERTS})


class Bar(NamedTuple):
    """One drawing of a bar: its name, position and total, its numbers as printed, the text printed after it.

    `elapsed` is the seconds since it was drawn first, where it tells.
    """

    name: bytes
    position: int
    total: int
    numbers: bytes
    after: bytes
    elapsed: int | None = None


def training_bar(text: bytes) -> Bar | None:
    """Return the bar if the text holds one with a rate. One that a narrow terminal cut short is none."""
    match = _BAR.search(text) if b", lr" in text else None
    if match is None:
        return None
    elapsed = seconds_of(match[3])
    name = text.partition(b": ")[0]
    return Bar(name, int(match[1]), int(match[2]), match[4], text[match.end() :], elapsed)


def seconds_of(elapsed: bytes) -> int | None:
    """Return the seconds that a bar says it has run: `02:13`, `1:02:13`; None where it says something else."""
    times = _ELAPSED.match(elapsed)
    return int(times[1] or 0) * 3600 + int(times[2]) * 60 + int(times[3]) if times is not None else None


def idle_bar(text: bytes) -> Bar | None:
    """Return a bar that has a name and has not moved yet: the training bar before its first step, or another."""
    match = _IDLE.match(text) if b"?it/s]" in text else None
    return match and Bar(text.partition(b": ")[0], int(match[1]), int(match[2]), b"", text[match.end() :])


class Done(NamedTuple):
    """A finished step: its number, the line of its post, its numbers as printed, the seconds its bar had run."""

    step: int
    line: int
    numbers: bytes
    elapsed: int | None = None


def bar_row(done: Done, tally: Tally) -> LogRow:
    """Return the row of a finished step; what is not finite is unknown and counted."""
    values: dict[bytes, float] = {}
    for key, written in _PAIR.findall(done.numbers):
        if key not in _READ:
            continue
        try:
            number = float(written)
        except ValueError:
            number = math.nan
        if (found := tally.number(number, key.decode(), line=done.line, step=done.step)) is not None:
            values[key] = found
    return LogRow(
        done.step,
        done.line,
        file=tally.file,
        rates={expert: values[key] for key, expert in _EXPERTS.items() if key in values},
        elapsed=done.elapsed,
        loss=values.get(b"loss"),
        lr_shared=values.get(b"lr"),
    )


class StepClock:
    """Assigns steps to the bars of one session, in the order they were drawn."""

    def __init__(self, first_step: int) -> None:
        """Start before `first_step`, the first step that this session trains."""
        self._step = first_step - 1  # the last step that was posted
        self._lead: int | None = None  # how far the bar stands beyond a step that is done: 0 or 1
        self._bar: Bar | None = None
        self._line = 0
        self._open = False  # whether no tick has confirmed the last post yet
        self._posted_line = 0
        self._announced = False
        self._skipped = 0

    @property
    def current(self) -> int:
        """The step in work: the one after the last whose numbers were posted."""
        return self._step + 1 + self._skipped

    def announce(self) -> None:
        """Note that the step in work spoke, so the next drawing is its post even if no number changes."""
        self._announced = True

    def skip(self) -> None:
        """Note that the step in work was given up: it will have no post."""
        self._skipped += 1

    def draw(self, bar: Bar, line: int) -> Done | None:
        """Take the next drawing; return the step that it shows to be finished, if any."""
        last, last_line = self._bar, self._line
        self._bar, self._line = bar, line
        fresh = last is None or self._announced or bar.numbers != last.numbers
        done = None if last is None else self._finished(last, last_line, bar, fresh=fresh)
        if fresh:
            self._step = self.current
            self._open, self._posted_line = True, line
            self._announced, self._skipped = False, 0
        return done

    def close(self) -> Done | None:
        """Return the last posted step if no tick came to confirm it."""
        if self._bar is None or not self._open:
            return None
        return Done(self._step, self._posted_line, self._bar.numbers, self._bar.elapsed)

    def _finished(self, last: Bar, last_line: int, bar: Bar, *, fresh: bool) -> Done | None:
        """Return the step that is done now that the bar moved, or that another step was posted."""
        moved = bar.position != last.position
        if not moved and not (fresh and self._open):
            return None  # drawn again as on closing, or a post after its forerunner's tick
        if self._lead is None:
            self._lead = min(max(bar.position - self._step, 0), 1)
        step = bar.position - self._lead if bar.position > last.position else self._step
        if moved:
            self._step = bar.position - self._lead
        # A bar that moves without an open post passed a step with the very numbers of the one before it.
        line = self._posted_line if self._open else last_line
        self._open = False
        return Done(step, line, last.numbers, last.elapsed)
