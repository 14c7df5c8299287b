"""Find out which training step each drawing of the progress bar belongs to.

The position of the bar is not the step. Within a step the trainer first draws the new numbers at the old position
(a *post*), then moves on (a *tick*). Upstream moves to step + 1; the fork, and upstream before August 2026, to
step, so there the post of step 20 reads "19/160". A tick can be missing (after a save, or in steps of less than a
tenth of a second), a bar that is closed is drawn once more, and a resumed fork starts at a step its bar does not
show.
"""

from __future__ import annotations

from typing import NamedTuple

from diagnose.sources.console.bar import Bar


class Done(NamedTuple):
    """A finished step: its number, the line of its post, its numbers as printed, the seconds its bar had run."""

    step: int
    line: int
    numbers: bytes
    elapsed: int | None = None


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
