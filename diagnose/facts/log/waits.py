"""The time between two rows of the log: how many steps it trained, and what else was due in it.

A log with the time of day shows every pause. The bar of a console stops its clock for saves and previews
(toolkit/progress_bar.py), so between its rows there is training alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from statistics import fmean, median

from msgspec import Struct

from diagnose.facts.log.due import Due
from diagnose.facts.log.series import Series
from diagnose.sources.log_readings import LogRow
from diagnose.trainers.turns import Cadence

NEARBY = 20
"""Waits around a pause that tell what a step took just then."""
FEWEST_SWITCHES = 5
"""Switches of the expert that tell what one takes."""
FINE = 10.0
"""Seconds that the bar's clock of whole seconds tells to a tenth."""
_MIDDLE_FROM = 8
"""Fewer values have no middle half."""


class Wait(Struct, frozen=True, gc=False):
    """The time from one row to the next of the same start.

    `previews` and `saves` are those due in it. `switched`: its one step trained the other expert than the step before;
    None where that is unknown, or it has several steps.
    """

    before: LogRow
    row: LogRow
    seconds: float
    previews: int = 0
    saves: int = 0
    switched: bool | None = None

    @property
    def steps(self) -> int:
        """The steps trained in it."""
        return self.row.step - self.before.step

    @property
    def pace(self) -> float:
        """Seconds a step, whatever else there was."""
        return self.seconds / self.steps

    @property
    def plain(self) -> bool:
        """Whether nothing but training was due."""
        return not self.previews and not self.saves


class Waits(Struct, frozen=True, dict=True):
    """All waits of a log, in order. `pauses_count`: its clock goes on while the trainer saves and makes previews."""

    each: tuple[Wait, ...]
    pauses_count: bool

    @cached_property
    def training(self) -> tuple[Wait, ...]:
        """The waits in which nothing but training was due; all of them where each has a pause."""
        return tuple(wait for wait in self.each if wait.plain) or self.each

    @property
    def apart(self) -> bool:
        """Whether training can be told from saves and previews."""
        return not self.each or self.training[0].plain

    @cached_property
    def quiet(self) -> tuple[Wait, ...]:
        """The waits of training without a switch of the expert, where there are enough of them to compare with."""
        found = tuple(wait for wait in self.training if not wait.switched)
        return found if len(found) >= NEARBY else self.training

    @cached_property
    def switch_seconds(self) -> float | None:
        """How much longer a step with a switch of the expert takes; None where that is not known."""
        switched = [wait for wait in self.training if wait.switched]
        told = sum(wait.switched is False for wait in self.quiet)
        if len(switched) < FEWEST_SWITCHES or told < NEARBY:
            return None
        return max(0.0, median(wait.seconds - self.usual_near(wait) for wait in switched))

    @cached_property
    def _steps(self) -> list[int]:
        return [wait.row.step for wait in self.quiet]

    def usual_near(self, wait: Wait) -> float:
        """Return the seconds that a step of training took around a wait."""
        at = bisect_left(self._steps, wait.row.step)
        first = max(0, min(at - NEARBY // 2, len(self.quiet) - NEARBY))
        return median(near.pace for near in self.quiet[first : first + NEARBY])

    def excess(self, wait: Wait) -> float:
        """Return by how many seconds a wait is longer than its steps take, a switch included; negative if shorter."""
        switch = self.switch_seconds if wait.switched else None
        return wait.seconds - wait.steps * self.usual_near(wait) - (switch or 0.0)


def waits_of(series: Series, due: Due, starts: Sequence[int], turns: Cadence | None) -> Waits:
    """Return the waits of a log without those in which the trainer was started again, at the steps `starts`."""
    wall = series.log.abilities.timed
    return Waits(tuple(_waits(series, due if wall else None, sorted(starts), turns)), wall)


def _waits(series: Series, due: Due | None, starts: Sequence[int], turns: Cadence | None) -> Iterator[Wait]:
    timed = [(row, row.time if due is not None else row.elapsed) for row in series.rows]
    known = [(row, time) for row, time in timed if time is not None]
    known = known if due is not None else list(_thinned(known))
    for (before, earlier), (row, time) in pairwise(known):
        begun = bisect_left(starts, before.step)
        if time < earlier or (begun < len(starts) and starts[begun] <= row.step):
            continue
        previews, saves = due.between(before, row) if due is not None else (0, 0)
        yield Wait(before, row, time - earlier, previews, saves, _switched(before, row, turns))


def _thinned(known: Iterable[tuple[LogRow, float]]) -> Iterator[tuple[LogRow, float]]:
    """Yield rows far enough apart that a clock of whole seconds tells the time between them."""
    last: float | None = None
    for row, time in known:
        if last is None or not 0 <= time - last < FINE:
            last = time
            yield row, time


def _switched(before: LogRow, row: LogRow, turns: Cadence | None) -> bool | None:
    if row.step - before.step > 1:
        return None
    if before.expert is not None and row.expert is not None:
        return before.expert != row.expert
    trained = [turns.trained(step) for step in (before.step, row.step)] if turns is not None else []
    return trained[0] != trained[1] if trained and all(len(experts) == 1 for experts in trained) else None


def usual(values: Sequence[float]) -> float:
    """Return the mean of the middle half: as steady as a median, and finer where a clock counts whole seconds."""
    if len(values) < _MIDDLE_FROM:
        return median(values)
    ordered, cut = sorted(values), len(values) // 4
    return fmean(ordered[cut : len(ordered) - cut])
