"""How much the previews move, step by step, against the model without the LoRA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.motion.measured import TRUST_LEAST
from diagnose.report.blocks import Block, drop_empty_columns, heading, items, paragraph, table
from diagnose.report.figures import Kind, between, counted, figure
from diagnose.report.spans import Line, Piece, code, join, line, prose, sentence, strong
from diagnose.report.wording import Titles
from diagnose.verdict.motion import MotionCourse, MotionStep, MotionTable
from diagnose.verdict.report import Report

MOST_ROWS = 16


def motion(report: Report) -> list[Block]:
    """What the previews of a run show of motion; nothing where there is none to measure."""
    return of_previews(report.motion, report.titles) if report.motion is not None else []


def of_previews(found: MotionTable, titles: Titles) -> list[Block]:
    """What the previews show of motion, and the table of the steps; `titles` are the experts'."""
    blocks: list[Block] = [heading(2, "Motion"), paragraph(answer(found))]
    if not found.measured:
        return blocks
    shown = _some(found.steps)
    against = f"Against step {found.against}"
    rows = [_row(each) for each in shown]
    names = ("Step", "Motion", against, "90 % range", "Trust", "Prompts")
    header, cells = drop_empty_columns(names, rows, "")
    left = len(found.steps) - len(shown)
    notes: list[Piece] = [*(_power(found.course) if found.course is not None else ()), *_notes(found)]
    notes += _made_with(found, titles)
    notes += [f"{len(shown)} of {len(found.steps)} steps; the JSON report has all."] if left else []
    return [*blocks, table(header, cells, numbers_from=1), *items(notes), paragraph(found.definition)]


def answer(found: MotionTable) -> Line:
    """Say in a sentence what the previews show."""
    unmeasured = found.unmeasured
    reasons = list(dict.fromkeys(each.reason for each in unmeasured))
    trusts = [each.trust for each in found.steps if each.trust is not None]
    if found.measured:
        return join(" ", [_changed(found.course) if found.course is not None else (), _last(found)])
    if trusts:
        best = figure(max(trusts), Kind.RATIO)
        return line(
            strong("The previews are noise, or too broken to measure: no figure."),
            f" At best a share of {best} of the pixels can be followed; {TRUST_LEAST:g} is needed.",
        )
    if unmeasured:
        return line("The motion in the previews was not measured: ", sentence(reasons[0]))
    return line("There is no motion to measure in the previews: ", join("; ", map(prose, found.series.left_out)), ".")


def _made_with(found: MotionTable, titles: Titles) -> Iterator[str]:
    if found.averaged:
        yield "The previews were made with the averaged (EMA) weights, as the saves were."
    if found.alone:
        who = titles.get(found.alone, found.alone)
        yield f"This run trains the {who} alone; the other expert in its previews is the base model's."


def _last(found: MotionTable) -> Line:
    """Hold the last step against the model without the LoRA."""
    last = next(each for each in reversed(found.steps) if each.prompts)
    if last.ratio is None:
        return line(f"Only the previews of step {last.step} could be measured, so nothing compares.")
    share, without = strong(figure(last.ratio, Kind.SHARE)), "" if found.against else ", the model without the LoRA"
    return line(f"At step {last.step} the previews move ", share, f" as much as at step {found.against}{without}.")


def _changed(course: MotionCourse) -> Line:
    """Say whether the motion changed over the steps, and how large a change would have shown."""
    if course.change is not None and course.turned_at is not None:
        ends = (course.low or 0.0, course.high or 0.0)
        way = f", {course.way}" if course.way else ""
        share = strong(f"{figure(course.change, Kind.SHARE)} as much as before, from step {course.turned_at} on")
        return line("The previews move ", share, f"{way} ({between(ends, Kind.SHARE)}; {_prompts(course)}).")
    if course.steady:
        smallest = course.smallest_fall
        least = f" A fall by {figure(smallest, Kind.SHARE)} would have shown." if smallest is not None else ""
        return line(strong("The motion neither falls nor rises over the steps"), f" ({_prompts(course)}).{least}")
    if course.inconclusive:
        settle = course.prompts_to_settle
        needed = f" {settle} prompts with fixed seeds would show a fall by 30 %." if settle is not None else ""
        return line(strong("Inconclusive:"), f" {_prompts(course)} cannot tell a change from chance.{needed}")
    return ()


def _prompts(course: MotionCourse) -> str:
    return counted(course.prompts, "prompt", "prompts")


def _power(course: MotionCourse) -> Iterator[str]:
    """Say what the previews could have shown, and which steps move most."""
    if course.power is not None:
        yield f"Such previews show a fall of the motion by 30 % in {course.power} of 10 runs (simulated)."
    if course.best_step is not None:
        alike = f"; {course.best_equals} may be as good" if course.best_equals else ""
        yield f"Step {course.best_step} moves most{alike}."


def _row(each: MotionStep) -> list[Piece]:
    known = each.low is not None and each.high is not None
    return [
        str(each.step),
        figure(each.amount, Kind.RATIO, "no figure"),
        figure(each.ratio, Kind.SHARE, ""),
        between((each.low or 0.0, each.high or 0.0), Kind.SHARE) if known else "",
        figure(each.trust, Kind.RATIO, ""),
        str(each.prompts) if each.prompts == each.previews else f"{each.prompts} of {each.previews}",
    ]


def _some(steps: Sequence[MotionStep]) -> Sequence[MotionStep]:
    """Return at most MOST_ROWS steps, the first and the last among them."""
    count = min(len(steps), MOST_ROWS)
    return [steps[round(index * (len(steps) - 1) / max(1, count - 1))] for index in range(count)]


def _notes(found: MotionTable) -> Iterator[Line]:
    series = found.series
    if found.clip_amount is not None:
        yield line(
            f"The training clips move at {figure(found.clip_amount, Kind.RATIO)} as the trainer teaches them "
            f"({counted(len(series.clips), 'clip', 'clips')}, the median)."
        )
    if series.changed:
        steps = join(", ", map(str, series.changed))
        yield line(
            "The previews are others from step ", steps, " on (prompts, size or length). Only those between compare."
        )
    yield from map(sentence, series.left_out)
    bad = found.unmeasured
    if bad:
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield line("Not measured: ", code(bad[0].file), " (", prose(bad[0].reason), f"){more}.")
