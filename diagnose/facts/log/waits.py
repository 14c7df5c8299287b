"""The time between two rows of the log: how many steps it trained, and what else was due in it.

A log with the time of day shows every pause. The bar of a console stops its clock for saves and previews
(toolkit/progress_bar.py), so between its rows there is training alone.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import compress, pairwise
from math import nan
from operator import not_, sub
from statistics import fmean, median

from msgspec import Struct

from diagnose.facts.log.due import Due
from diagnose.facts.log.series import Series
from diagnose.facts.log.wait_list import Wait, WaitColumns, WaitList
from diagnose.sources.columns import picked, there
from diagnose.sources.log_rows import LogRows
from diagnose.trainers.turns import Cadence

NEARBY = 20
"""Waits around a pause that tell what a step took just then."""
FEWEST_SWITCHES = 5
"""Switches of the expert that tell what one takes."""
FINE = 10.0
"""Seconds that the bar's clock of whole seconds tells to a tenth."""
_MIDDLE_FROM = 8
"""Fewer values have no middle half."""


class Waits(Struct, frozen=True, dict=True):
    """All waits of a log, in order. `pauses_count`: its clock goes on while the trainer saves and makes previews."""

    each: WaitList
    pauses_count: bool

    @cached_property
    def training(self) -> WaitList:
        """The waits in which nothing but training was due; all of them where each has a pause."""
        return self.each.where(self.each.plain) or self.each

    @property
    def apart(self) -> bool:
        """Whether training can be told from saves and previews."""
        return not self.each or self.training[0].plain

    @cached_property
    def quiet(self) -> WaitList:
        """The waits of training without a switch of the expert, where there are enough of them to compare with."""
        found = self.training.where(map(not_, self.training.switched))
        return found if len(found) >= NEARBY else self.training

    @cached_property
    def switch_seconds(self) -> float | None:
        """How much longer a step with a switch of the expert takes; None where that is not known."""
        switched = self.training.where(self.training.switched)
        if len(switched) < FEWEST_SWITCHES or self.quiet.switched.count(False) < NEARBY:
            return None
        return max(0.0, median(wait.seconds - self.usual_near(wait) for wait in switched))

    @cached_property
    def _quiet_steps(self) -> Sequence[int]:
        return self.quiet.last

    @cached_property
    def _quiet_paces(self) -> Sequence[float]:
        return self.quiet.paces

    def usual_near(self, wait: Wait) -> float:
        """Return the seconds that a step of training took around a wait."""
        at = bisect_left(self._quiet_steps, wait.last)
        first = max(0, min(at - NEARBY // 2, len(self.quiet) - NEARBY))
        return median(self._quiet_paces[first : first + NEARBY])

    def excess(self, wait: Wait) -> float:
        """Return by how many seconds a wait is longer than its steps take, a switch included; negative if shorter."""
        switch = self.switch_seconds if wait.switched else None
        return wait.seconds - wait.steps * self.usual_near(wait) - (switch or 0.0)


def waits_of(series: Series, due: Due, starts: Sequence[int], turns: Cadence | None) -> Waits:
    """Return the waits of a log without those in which the trainer was started again, at the steps `starts`."""
    wall = series.log.abilities.timed
    times = series.rows.numbers("time" if wall else "elapsed")
    known = there(times) if wall else _far_apart(times)
    rows, times = series.rows.where(known), array("d", compress(times, known))
    steps = rows.steps
    none = [0] * (len(rows) - 1)
    previews, saves = due.between(steps) if wall else (none, none)
    seconds = array("d", map(sub, times[1:], times))
    begun = _begun(steps, sorted(starts))
    whole = [wait >= 0 and at not in begun for at, wait in enumerate(seconds)]
    columns = WaitColumns(rows, steps, seconds, previews, saves, _switched(rows, steps, turns))
    return Waits(WaitList(columns, picked(range(len(seconds)), whole)), wall)


def _begun(steps: Sequence[int], starts: Iterable[int]) -> set[int]:
    """Return the waits in which, or just before or after which, one of the starts was."""
    found: set[int] = set()
    for start in starts:
        after = bisect_left(steps, start)  # the first row of the start, or the first after it
        found |= {after - 1, after} if after < len(steps) and steps[after] == start else {after - 1}
    return found


def _far_apart(times: Iterable[float]) -> list[bool]:
    """Return which times are far enough apart that a clock of whole seconds tells the time between them."""
    last, found = nan, []
    for time in times:
        far = time == time and not 0 <= time - last < FINE  # noqa: PLR0124 - NaN is no time
        last = time if far else last
        found.append(far)
    return found


def _switched(rows: LogRows, steps: Sequence[int], turns: Cadence | None) -> list[bool | None]:
    """Return for each row but the first whether its step trained the other expert than the one before."""
    experts = rows.words("expert")
    if None in experts and turns is not None:
        due = [trained[0] if len(trained := turns.trained(step)) == 1 else None for step in steps]
    else:
        due = [None] * len(steps)
    either = zip(pairwise(steps), pairwise(experts), pairwise(due), strict=True)
    return [
        None if last > first + 1 else own != other if own and other else before != now if before and now else None
        for (first, last), (other, own), (before, now) in either
    ]


def usual(values: Sequence[float]) -> float:
    """Return the mean of the middle half: as steady as a median, and finer where a clock counts whole seconds."""
    if len(values) < _MIDDLE_FROM:
        return median(values)
    ordered, cut = sorted(values), len(values) // 4
    return fmean(ordered[cut : len(ordered) - cut])
