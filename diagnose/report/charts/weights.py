"""Weights over the saves: strength, ratio and update of the experts, and how fast they grew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from diagnose.report.blocks import table
from diagnose.report.charts.bars import Bar, Bars, draw_bars
from diagnose.report.charts.figure import ONE, Figure, drawable, looks, of_curves, points
from diagnose.report.charts.plot import Curve, Range
from diagnose.report.figures import Kind, figure
from diagnose.report.spans import Line, join, line
from diagnose.report.wording import columns
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import CheckpointRow

_STRENGTH = "Mean size of the LoRA's numbers in each save. Dashed: an untrained LoRA."
_UPDATE = "How much the LoRA changes the model in each save (Frobenius norm); 0 is an untrained LoRA."
_GROWTH = "Growth of the weight magnitude from save to save, as a percentage. Thin lines: 90 % ranges."
_HOLLOW = "Hollow points: saves at which one expert was ahead by its turn. They are not compared."


def weight_figures(report: Report) -> list[Figure]:
    """Return the figures of the saves; none where no save could be measured."""
    norm = _of_experts(report, lambda row: row.update_norm)
    size = [*_of_experts(report, lambda row: row.magnitude), *_untrained(report)]
    keep = _keep(report)
    return [
        *_ratio(report, keep),
        *of_curves("update", "Update norm", line(_UPDATE), norm, Kind.MAGNITUDE, ranges=keep),
        *of_curves("strength", "Weight magnitude", line(_STRENGTH), size, Kind.MAGNITUDE, ranges=keep),
        *_growth(report),
    ]


def _of_experts(report: Report, of: Callable[[CheckpointRow], Mapping[str, float | None]]) -> list[Curve]:
    return [
        Curve(name, look, points((row.step, of(row).get(expert)) for row in report.checkpoints), dots=True)
        for expert, (look, name) in looks(report.titles).items()
    ]


def _untrained(report: Report) -> list[Curve]:
    """Return what an untrained LoRA of the first expert's shapes reads; the other's have the same."""
    known = [each.untrained_magnitude for _, each in report.experts if each.untrained_magnitude is not None]
    steps = [row.step for row in report.checkpoints if row.step is not None]
    if not known or not steps:
        return []
    return [Curve("untrained", "ahead", points((step, known[0]) for step in (steps[0], steps[-1])), dashed=True)]


def _ratio(report: Report, keep: Sequence[Range]) -> list[Figure]:
    known = points((row.step, row.weight_ratio) for row in report.checkpoints)
    trajectory = report.trajectory
    apart = frozenset(trajectory.left_out if trajectory is not None else ())
    course = trajectory.magnitude if trajectory is not None else None
    turn = course.turn if course is not None else None
    best = next((row for row in report.checkpoints if row.best and row.weight_ratio is not None), None)
    leads, gains = (list(report.titles.values())[at] for at in (0, -1))
    says: list[Line] = [line(f"Above 1 the {leads} has the larger weights.")]
    if best is not None:
        says.append(line(f"Largest at step {best.step}: {figure(best.weight_ratio, Kind.RATIO)}."))
    if turn is not None:
        says.append(line(f"From about step {turn.step} on the {gains} gains."))
    if apart & {step for step, _ in known}:
        says.append(line(_HOLLOW))
    return of_curves(
        "weight-ratio",
        "Weight ratio high/low",
        join(" ", says),
        [Curve("ratio", ONE, known, dots=True, hollow=apart)],
        Kind.RATIO,
        ranges=[*keep, *([Range(f"turn, about {turn.step}", "turn", turn.earliest, turn.latest)] if turn else [])],
    )


def _keep(report: Report) -> list[Range]:
    """Return the steps whose saves are worth keeping, one range for saves that follow each other; one has a name."""
    choice = report.keep
    if choice is None:
        return []
    runs = [list(steps) for kept, steps in groupby(choice.saved, lambda step: step in choice.steps) if kept]
    return [Range("" if index else "keep", "keep", run[0], run[-1]) for index, run in enumerate(runs)]


def _growth(report: Report) -> list[Figure]:
    trajectory = report.trajectory
    own = looks(report.titles).values()
    spans = [each for each in (trajectory.spans if trajectory is not None else ()) if set(each.growth) != {None}]
    if not spans:
        return []
    groups = [
        (
            f"{span.first} to {span.last}",
            tuple(
                Bar(look, name, growth, error, figure(growth, Kind.GROWTH))
                for (look, name), growth, error in zip(own, span.growth, span.errors, strict=True)
                if growth is not None and drawable(growth, error or 0.0)
            ),
        )
        for span in spans
    ]
    if not any(bars for _, bars in groups):
        return []
    drawing = draw_bars(Bars("Growth of the weights", tuple(groups)))
    rows = [[f"{s.first} to {s.last}", *(figure(each, Kind.GROWTH, "") for each in s.growth)] for s in spans]
    header = ("Steps", *columns(report.titles))
    return [Figure("growth", "Growth of the weights", line(_GROWTH), drawing, tuple(own), table(header, rows, 1))]
