"""Seconds a step of training took, first, last and at its best; from where on it took longer, and what happened there.

Medians over windows of steps are compared, and the quick steps of each window with those of the others: where clips of
two sizes are drawn by chance, a window may hold more of the large ones, but it still has some small ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import groupby
from math import ceil, sqrt
from statistics import median

from msgspec import Struct

from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series
from diagnose.facts.log.wait_list import Wait, WaitList
from diagnose.facts.log.waits import Waits, usual
from diagnose.facts.recorder import Recorder

WINDOW = 20
"""Steps of a window."""
FEWEST_ROWS = 5
"""Rows of a window, where a row has many steps."""
FEWEST_WINDOWS = 3
"""Of fewer none is compared with the others."""
MANY_WINDOWS = 6
"""From so many on, the last two have to be slow."""
FIRST = 100
"""The steps that "first" speaks of."""
QUICK = 0.1
"""The part of a window that counts as its quick steps."""
NOTICEABLE = 1.5
"""Less is how the steps of a run differ anyway."""
LEAST = 1.0
"""Seconds of a step; in quicker ones the other work of the machine shows."""
STRIKING = 2.0
"""Slower than this by the best is marked where a run is drawn."""
HOUR = 3600


class Window(Struct, frozen=True):
    """Some waits in a row, and the seconds that a step took in them: usually, and in the quick ones."""

    waits: WaitList
    usual: float
    quick: float

    @property
    def first(self) -> Wait:
        """Its first wait."""
        return self.waits[0]


def pace_windows(waits: Waits) -> list[Window]:
    """Return the windows of a log; none where it is too short to compare any."""
    training = waits.training
    if not training:
        return []
    length = max(FEWEST_ROWS, ceil(WINDOW / median(training.steps)))
    parts, paces = range(0, len(training) - length + 1, length), training.paces
    found = [_window(training[at : at + length], paces[at : at + length]) for at in parts]
    return found if len(found) >= FEWEST_WINDOWS and min(each.usual for each in found) > 0 else []


def _window(part: WaitList, paces: Sequence[float]) -> Window:
    return Window(part, usual(paces), sorted(paces)[int(QUICK * len(paces))])


def slower(some: Sequence[Window], than: Sequence[Window]) -> list[float]:
    """Return for each window how many times as long a step takes as in the best of others, by usual and quick steps."""
    best, quick = min(each.usual for each in than), min(each.quick for each in than)
    return [min(each.usual / best, each.quick / quick if quick > 0 else each.usual / best) for each in some]


def slowdown(found: Sequence[Window]) -> float:
    """Return how many times as long a step takes at the end as at best.

    The best of many windows is quick by chance, too, and any one is slow by chance.
    """
    return min(slower(found[-2 if len(found) >= MANY_WINDOWS else -1 :], found))


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.pace*`, `log.slow_*` and `run.*_left`, seconds a step."""
    series, waits = evidence.series, evidence.waits
    found = pace_windows(waits) if waits is not None else []
    if series is None or waits is None or not found:
        return
    training = waits.training
    end, samples = [series.place(training[-1].row)], len(training)
    note = _how_known(waits)
    best, last = min(each.usual for each in found), found[-1].usual
    first = training[: bisect_right(training.last, training[0].first + FIRST)].paces
    record.known("log.pace", usual(training.paces), places=end, samples=samples, note=note)
    record.known("log.pace_first", usual(first), places=[series.place(training[0].row)], samples=len(first), note=note)
    record.known("log.pace_best", best, places=end, samples=samples, note=note)
    record.known("log.pace_last", last, places=end, samples=samples, note=note)
    record.known("log.pace_factor", slowdown(found), places=end, samples=samples, note=note)
    change = slow_from(found)
    if change is not None and slowdown(found) >= NOTICEABLE and last >= LEAST:
        place = [series.place(change.row)]
        record.known("log.slow_from", change.last, places=place, samples=samples)
        seen = _what_happened(evidence, change)
        if seen:
            record.known("log.slow_since", seen, places=place)
    _record_rest(series, last, record)


def _how_known(waits: Waits) -> str:
    if not waits.pauses_count:
        return "by the console's bar, whose clock stops for saves and previews"
    return "by the log's times, " + ("without saves and previews" if waits.apart else "saves and previews included")


def slow_stretches(waits: Waits) -> list[tuple[int, int, float]]:
    """Return the stretches in which a step took much longer than at best: first and last step, and how many times."""
    found = pace_windows(waits)
    if not found:
        return []
    named = zip(found, slower(found, found), strict=True)
    parts = [
        list(part)
        for slow, part in groupby(named, key=lambda item: item[1] >= STRIKING and item[0].usual >= LEAST)
        if slow
    ]
    return [(part[0][0].first.last, part[-1][0].waits[-1].last, max(times for _, times in part)) for part in parts]


def slow_from(found: Sequence[Window]) -> Wait | None:
    """Return the first wait of the slow steps at the end, None where the last window is as quick as any.

    The border is where most waits before it are quick, and most after it slow.
    """
    best, last = min(each.quick for each in found), found[-1].quick
    border = sqrt(best * last)
    quick = [at for at, each in enumerate(found) if each.quick <= border]
    if not quick or quick[-1] == len(found) - 1:
        return None
    near = [wait for each in found[quick[-1] : quick[-1] + 2] for wait in each.waits]
    slow = [wait.pace > border for wait in near]
    right = [sum(not each for each in slow[:at]) + sum(slow[at:]) for at in range(len(near) + 1)]
    at = max(range(len(near)), key=lambda index: right[index])
    return near[at]


def _what_happened(evidence: Evidence, change: Wait) -> str:
    """Say what came just before the steps took longer: a start of the trainer, previews, a save."""
    before, step = change.first, change.last
    if any(before - 1 <= start <= step for start in evidence.later_starts):
        return "a start of the trainer"
    due = evidence.due
    if due is None:
        return ""
    named = (("previews", due.previews), ("a save", due.saves))
    seen = [
        word
        for word, cadence in named
        # close to something that is due all the time is close by chance
        if cadence is not None and cadence.count(before - 1, step) and not cadence.count(before - 6, before - 2)
    ]
    return " and ".join(seen)


def _record_rest(series: Series, last: float, record: Recorder) -> None:
    """Record how long the rest of the configured steps takes, and when it is done by the log's clock."""
    configured, trained = record.number("run.steps_configured"), record.number("run.steps_trained")
    if configured is None or trained is None or configured <= trained:
        return
    end = [series.place(series.rows[-1])]
    hours = (configured - trained) * (last + (record.number("log.pause_pace") or 0.0)) / HOUR
    record.known("run.hours_left", hours, places=end, samples=len(series.rows))
    moment = series.rows[-1].time
    if record.truth("run.open") and moment is not None:
        words = _moment(moment + hours * HOUR)
        if words is not None:
            record.known("run.done_at", words, places=end, note="by the log's clock")


def _moment(seconds: float) -> str | None:
    try:
        return f"{datetime.fromtimestamp(0, timezone.utc) + timedelta(seconds=seconds):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError):
        return None
