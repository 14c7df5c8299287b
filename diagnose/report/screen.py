"""The first screen: what state the run is in, the main story, what to do, the course of the ratios, every finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import fmean

from msgspec import Struct

from diagnose.core.values import Severity
from diagnose.report.blocks import Block, heading, items, paragraph, table
from diagnose.report.figures import Kind, figure
from diagnose.report.sections.checkpoint_tables import best_checkpoints
from diagnose.report.sections.config_tables import counts, needs_in_words
from diagnose.report.sections.expert_table import lr_ratio_in_words
from diagnose.report.sections.finding_lists import MOST_NAMED, TONES, faults, in_a_line, not_checked, story, titled
from diagnose.report.sections.opening import guessed, outcome, own_thresholds, pace_in_words
from diagnose.report.sections.rates_to_come import expected_ratios
from diagnose.report.sections.to_do import NOTHING, steps
from diagnose.report.spans import LONGEST, Line, Piece, Tone, join, line, plain, prose, strong, text_of, toned
from diagnose.report.wording import CONFIDENCE, STATUS
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import RunSummary
from diagnose.verdict.stories import Status

ALL = MOST_NAMED
_BEFORE_TITLE = 18
"""Columns of a finding's severity and confidence."""
_BARS = "▁▂▃▄▅▆▇█"
_WIDE, _NARROW = 20, 9
"""Bars of one course on a line, and of each of two."""
_FLAT = 0.01
"""Part of the largest value below which a difference is not drawn."""
_STATUS_TONE = {
    Status.HEALTHY: Tone.GOOD,
    Status.ATTENTION: Tone.WARNING,
    Status.FAILING: Tone.BAD,
    Status.BLOCKED: Tone.BAD,
}


class Room(Struct, frozen=True):
    """How many actions, notes and words of praise there is room for, and whether titles are cut and needs are told."""

    actions: int
    notes: int
    praise: int
    cut: bool = False
    needs: bool = True


def screen(report: Report, room: Room, width: int) -> Iterator[list[Block]]:
    """Yield groups of blocks that belong together; `width`: columns of the screen."""
    yield [paragraph(_state(report))]
    *told, last = story(report)
    yield [*map(paragraph, told), paragraph(join(" ", [last, outcome(report), own_thresholds(report)]))]
    yield _steps(report, room.actions)
    yield [*map(paragraph, _courses(report, room))]
    yield [
        *_found(report, width - _BEFORE_TITLE if room.cut else LONGEST),
        *map(paragraph, filter(None, _rest(report, room))),
    ]


def _state(report: Report) -> Line:
    """Say which run it is and how it is, what it is for, who trains it, and how far it came."""
    run = report.run
    intent = f"{run.intent}{' (guessed)' if guessed(run) else ''}" if run.intent else "intent unknown"
    kind = f" ({run.trainer_kind})" if run.trainer_kind else ""
    trainer = f"{run.trainer}{kind}" if run.trainer else "trainer unknown"
    about = [prose(each) for each in (intent, trainer, _length(report.run, planned=bool(report.checklist)))]
    status = toned(_STATUS_TONE[report.verdict.status], STATUS[report.verdict.status].upper())
    return line(strong(plain(run.name) or "unnamed run"), "  ", status, "  ", join(" · ", about))


def _length(run: RunSummary, *, planned: bool) -> str:
    if planned:
        return f"{run.steps_configured} steps planned" if run.steps_configured is not None else ""
    trained = "unknown" if run.steps_trained is None else str(run.steps_trained)
    of = f" of {run.steps_configured}" if run.steps_configured is not None else ""
    ended = "may still be running" if run.open else run.ended
    return ", ".join(filter(None, [f"{trained}{of} steps", ended, pace_in_words(run)]))


def _steps(report: Report, most: int) -> list[Block]:
    """Return the list of the page, in the same words."""
    todo = steps(report)
    if not todo:
        return [paragraph(toned(Tone.GOOD, NOTHING))]
    more = f"  (and {len(todo) - most} more: --full)" if len(todo) > most else ""
    return [heading(2, strong("Do this"), toned(Tone.QUIET, more)), *items(todo[:most], numbered=True)]


def _courses(report: Report, room: Room) -> Iterator[Line]:
    """Draw how the ratios of the experts moved, each with what it should be."""
    if report.checklist:
        yield line(f"Checklist: {', '.join(counts(report))}")
        needed = needs_in_words(report.needs)
        if needed and room.needs:
            yield _labelled("needs", needed)
    target, known = expected_ratios(report.next.shown), lr_ratio_in_words(report.lr_ratio)
    logged = [each.lr_ratio for each in report.curves.stretches if each.lr_ratio is not None]
    forecast = [each.lr_ratio for each in report.forecast.points] if report.forecast is not None else []
    if len(logged) > 1:
        yield _course("LR ratio", logged, target)
    elif len(forecast) > 1 and report.checklist:
        yield _course("LR ratio", forecast, f"forecast; {target}")
    elif known:
        yield _labelled("LR ratio", "; ".join(filter(None, [known, target])))
    course = report.trajectory
    compared = [span.ratios[0] for span in course.spans] if course is not None and course.compared else []
    weights = [ratio for ratio in compared or [row.weight_ratio for row in report.checkpoints] if ratio is not None]
    best = best_checkpoints(report)
    if weights:
        yield _course("weight ratio", weights, f"best: {best}" if best else "")
    moved = [each.ratio for each in report.motion.steps if each.ratio is not None] if report.motion is not None else []
    if report.motion is not None and moved:
        yield _course("motion", [1.0, *moved], f"of that at step {report.motion.against}, in the previews")
    stretches = report.curves.stretches
    losses = {name: [each.loss[name].mean for each in stretches if name in each.loss] for name in report.titles}
    drawn = [f"{plain(name)} {_drawn(means, Kind.LOSS, _NARROW)}" for name, means in losses.items() if len(means) > 1]
    if drawn:
        yield _labelled("loss", "   ".join(drawn))


def _course(label: str, values: Sequence[float], note: str) -> Line:
    return _labelled(label, f"{_drawn(values, Kind.RATIO, _WIDE)}  {note}")


def _drawn(values: Sequence[float], kind: Kind, most: int) -> str:
    last = figure(values[-1], kind)
    return f"{figure(values[0], kind)} {bars(values, most)} {last}" if len(values) > 1 else last


def _labelled(label: str, words: str) -> Line:
    return line(strong(f"{label:<12}"), f"  {words}".rstrip())


def bars(values: Sequence[float], most: int) -> str:
    """Draw numbers as bars between the smallest and the largest; of more than `most`, the means of equal parts."""
    count = min(len(values), most)
    edges = [index * len(values) // count for index in range(count + 1)]
    shown = [fmean(values[start:stop]) for start, stop in pairwise(edges)]
    low, high = min(shown), max(shown)
    scale = (len(_BARS) - 1) / (high - low) if high - low > _FLAT * high else 0
    return "".join(_BARS[round((value - low) * scale)] for value in shown)


def _found(report: Report, widest: int) -> list[Block]:
    """List every fault by title, those of a story one after the other."""
    found = titled(each for told in faults(report) for each in told.members if each.severity in TONES)
    rows: list[list[Piece]] = [
        [
            toned(TONES[each.severity], each.severity.value),
            CONFIDENCE[each.confidence].lower(),
            title if len(text_of(title)) <= widest else f"{text_of(title)[: widest - 1]}\N{HORIZONTAL ELLIPSIS}",
        ]
        for each, title in found
    ]
    return [table(("found", "sure", ""), rows)] if rows else []


def _rest(report: Report, room: Room) -> Iterator[Line]:
    """Name what asks for nothing, what was not checked, and where the rest is."""
    good, info = in_a_line(report, Severity.GOOD, room.praise), in_a_line(report, Severity.INFO, room.notes)
    yield line(toned(Tone.GOOD, "Good: "), good, ".") if good else ()
    yield line("To know: ", info, ".") if info else ()
    yield toned(Tone.QUIET, not_checked(report))
    yield toned(Tone.QUIET, "All details: --full, or --format html -o report.html")
