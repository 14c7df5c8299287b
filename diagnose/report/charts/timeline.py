"""What happened when: starts of the trainer and how they ended, saves, previews, slow steps, broken losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from diagnose.report.blocks import table
from diagnose.report.charts.figure import Figure, looks
from diagnose.report.charts.plot import Axis, step_numbers, steps
from diagnose.report.charts.svg import WIDTH, drawing, element, hint, text
from diagnose.report.figures import counted
from diagnose.report.spans import line
from diagnose.verdict.curves import Session, SlowPart
from diagnose.verdict.report import Report

_LEFT, _RIGHT, _TOP, _LANE = 72.0, 12.0, 24.0, 22.0
_MOST_SESSIONS = 8
_MOST_MARKS = 240
_BAD = frozenset({"crashed", "killed"})


class _Mark(Struct, frozen=True):
    """Something at a step, or from one to another, in words and with a look."""

    first: int
    last: int
    words: str
    look: str


def timeline(report: Report) -> list[Figure]:
    """Return the timeline of a run; none for a config that has not been run."""
    lanes = [(name, marks) for name, marks in _lanes(report) if marks]
    if not any(marks for _, marks in lanes):
        return []
    every = [step for _, marks in lanes for mark in marks for step in (mark.first, mark.last)]
    x = steps([0, *every], _LEFT, WIDTH - _RIGHT)
    parts = [part for row, (name, marks) in enumerate(lanes) for part in _lane(row, name, marks, x)]
    foot = _TOP + len(lanes) * _LANE + 16
    drawn = drawing("Timeline", foot + 6, *parts, *step_numbers(x, foot), look="timeline")
    rows = [[name, mark.words] for name, marks in lanes for mark in marks]
    says = line("Sessions of the trainer, saves and previews, by step.")
    return [Figure("timeline", "Timeline", says, drawn, (), table(("What", "When"), rows))]


def _lanes(report: Report) -> Iterator[tuple[str, list[_Mark]]]:
    curves = report.curves
    for number, session in [*enumerate(curves.sessions, start=1)][-_MOST_SESSIONS:]:
        whose = looks(report.titles)[session.expert][1] if session.expert in report.titles else "start"
        yield f"{whose} {number}", _session(session)
    keep = {row.step for row in report.checkpoints if row.keep}
    saves = sorted({row.step for row in report.checkpoints if row.step is not None})
    yield "saves", [_save(step, kept=step in keep) for step in _some(saves)]
    previews = sorted({each.step for each in curves.previews})
    yield "previews", [_Mark(step, step, f"preview at step {step}", "") for step in _some(previews)]
    yield "slow", [_slow(part) for part in curves.slow[-_MOST_MARKS:]]
    if curves.nan_steps is not None:
        first, count = curves.nan_steps
        words = f"loss is not a number from step {first} on, {counted(count, 'step', 'steps')} in all"
        yield "NaN", [_Mark(first, max(_last(report), first), words, "bad")]


def _session(session: Session) -> list[_Mark]:
    if session.first is None or session.last is None:
        return []
    came = f", resumed from {session.resumed_from}" if session.resumed_from is not None else ""
    ended = f"; {session.end}" if session.end else ""
    look = "bad" if session.end in _BAD else "good" if session.end == "finished" else "open"
    return [_Mark(session.first, session.last, f"step {session.first} to {session.last}{came}{ended}", look)]


def _save(step: int, *, kept: bool) -> _Mark:
    return _Mark(step, step, f"save at step {step}{', worth keeping' if kept else ''}", "good" if kept else "")


def _slow(part: SlowPart) -> _Mark:
    words = f"step {part.first} to {part.last}: up to {part.times:.1f} times as long as the quickest steps"
    return _Mark(part.first, part.last, words, "bad")


def _last(report: Report) -> int:
    return report.curves.stretches[-1].last if report.curves.stretches else 0


def _some(found: Sequence[int]) -> Sequence[int]:
    """Return at most _MOST_MARKS of them, evenly spread."""
    return found[:: max(1, -(-len(found) // _MOST_MARKS))]


def _lane(row: int, name: str, marks: Sequence[_Mark], x: Axis) -> Iterator[str]:
    top = _TOP + row * _LANE
    yield text(name, _LEFT - 8, top + 13, text_anchor="end")
    yield element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=top + 9, y2=top + 9)
    for mark in marks:
        left, right = x.at(mark.first), x.at(mark.last)
        wide = mark.last > mark.first
        box = element(
            "rect",
            x=left if wide else left - 2,
            width=max(4.0, right - left),
            y=top + (4 if wide else 2),
            height=10 if wide else 14,
            rx=2,
            class_=mark.look or "plain",
        )
        yield hint(box, mark.words, _LEFT)
