"""Which part of the logged time went to previews, saves, switches of the expert, and pauses that nothing explains.

What a pause took is its wait less what the steps around it took. A save without previews beside it tells what a save
takes; where all saves have previews beside them, only both together are known, unless the console timed the previews.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from operator import not_
from statistics import median, quantiles

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.wait_list import Wait
from diagnose.facts.log.waits import Waits
from diagnose.facts.recorder import Recorder

FEWEST = 20
"""Waits of plain training that tell what a step takes."""
ODD_SECONDS = 20.0
ODD_FACTOR = 5.0
"""A pause that nothing explains takes more than this beyond its steps, and is this many times as long as all but the
slowest twentieth of the steps."""
HOUR = 3600


class Lost(Struct, frozen=True):
    """Seconds lost to something in all, and at a time, with the number of times; `note` says how that is known."""

    seconds: float
    each: float | None
    times: int
    note: str = ""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.*_share`, `log.*_hours` and `log.*_seconds` of what is no training."""
    series, waits = evidence.series, evidence.waits
    if series is None or waits is None or len(waits.training) < FEWEST:
        return
    end = [series.place(waits.each[-1].row)]
    rounds = _timed_previews(evidence, waits)
    total, steps = fsum(waits.each.seconds), sum(waits.each.steps)
    if not waits.pauses_count:
        total += fsum(rounds)
        if rounds:
            _record("preview", Lost(fsum(rounds), median(rounds), len(rounds), _BY_BARS), total, end, record)
            record.known("log.pause_pace", fsum(rounds) / steps, places=end, samples=len(rounds), note=_BY_BARS)
        _record_switches(waits, total, end, record)
        return
    if total <= 0 or not waits.apart:
        return
    pauses = waits.each.where(map(not_, waits.each.plain))
    both = Lost(max(0.0, fsum(map(waits.excess, pauses))), None, len(pauses))
    known = evidence.due is not None and None not in {evidence.due.previews, evidence.due.saves}
    if known:
        _record("pause", both, total, end, record)
        record.known("log.pause_pace", both.seconds / steps, places=end, samples=both.times or None)
        previews, saves = _apart(waits, rounds)
        record.known("log.pauses_apart", previews is not None, places=end)
        if previews is not None:
            _record("preview", previews, total, end, record)
        if saves is not None:
            _record("save", saves, total, end, record)
    _record_switches(waits, total, end, record)
    _record("other", _odd(waits), total, end, record)


_BY_BARS = "by the bars of the previews in the console"


def _record(kind: str, lost: Lost, total: float, end: Sequence[Place], record: Recorder) -> None:
    if total <= 0:
        return
    samples = lost.times or None
    record.known(f"log.{kind}_share", lost.seconds / total, places=end, samples=samples, note=lost.note)
    record.known(f"log.{kind}_hours", lost.seconds / HOUR, places=end, samples=samples, note=lost.note)
    if lost.each is not None:
        record.known(f"log.{kind}_seconds", lost.each, places=end, samples=samples, note=lost.note)


def _timed_previews(evidence: Evidence, waits: Waits) -> list[float]:
    """Return the seconds of each round of previews between the first and the last row, as the console's bars show."""
    console = evidence.readings.console
    first, last = waits.each[0].first, waits.each[-1].last
    made = console.preview_rounds if console is not None else ()
    return [each.seconds for each in made if each.at.step is not None and first <= each.at.step < last]


def _apart(waits: Waits, rounds: Sequence[float]) -> tuple[Lost | None, Lost | None]:
    """Return what previews and saves cost, each None where it cannot be told from the other."""
    pauses = list(waits.each.where(map(not_, waits.each.plain)))
    shown = [wait for wait in pauses if not wait.saves]
    saved = [wait for wait in pauses if not wait.previews]
    both = [wait for wait in pauses if wait.saves and wait.previews]
    each_save = _each(waits, saved, [wait.saves for wait in saved])
    each_round = _each(waits, shown, [wait.previews for wait in shown])
    note = ""
    if both and each_save is None and each_round is None:
        if len(rounds) < sum(wait.previews for wait in both):
            return None, None
        each_round, note = median(rounds), _BY_BARS
    if both and each_save is not None:
        of_saves = [waits.excess(w) for w in saved] + [w.saves * each_save for w in both]
        of_rounds = [waits.excess(w) for w in shown] + [waits.excess(w) - w.saves * each_save for w in both]
    else:
        known = each_round or 0.0
        of_rounds = [waits.excess(w) for w in shown] + [w.previews * known for w in both]
        of_saves = [waits.excess(w) for w in saved] + [waits.excess(w) - w.previews * known for w in both]
    return _lost(of_rounds, [w.previews for w in (*shown, *both)], note), _lost(
        of_saves, [w.saves for w in (*saved, *both)], note
    )


def _each(waits: Waits, alone: Sequence[Wait], times: Sequence[int]) -> float | None:
    return max(0.0, median(waits.excess(w) / n for w, n in zip(alone, times, strict=True))) if alone else None


def _lost(seconds: Sequence[float], times: Sequence[int], note: str) -> Lost:
    each = median(s / n for s, n in zip(seconds, times, strict=True)) if times else None
    return Lost(max(0.0, fsum(seconds)), max(0.0, each) if each is not None else None, sum(times), note)


def _record_switches(waits: Waits, total: float, end: Sequence[Place], record: Recorder) -> None:
    """Record what switches of the expert cost."""
    each = waits.switch_seconds
    if each is not None:
        times = waits.each.switched.count(True)
        _record("switch", Lost(each * times, each, times), total, end, record)


def _odd(waits: Waits) -> Lost:
    """Return the pauses in which nothing was due: the machine slept, another program held the GPU, ..."""
    training = waits.training
    slow = ODD_FACTOR * quantiles(training.paces, n=20, method="inclusive")[-1]
    long = training.where([took > slow * steps for took, steps in zip(training.seconds, training.steps, strict=True)])
    odd = [excess for excess in map(waits.excess, long) if excess > ODD_SECONDS]
    return Lost(fsum(odd), median(odd) if odd else None, len(odd))
