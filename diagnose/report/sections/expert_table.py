"""The two experts side by side, and the learning-rate ratio on its way from the file to the log."""

from __future__ import annotations

from collections.abc import Callable

from diagnose.report.blocks import Block, heading, paragraph, table
from diagnose.report.figures import NOT_LOGGED, UNKNOWN, Kind, figure
from diagnose.report.spans import Line, Piece, line, prose, strong
from diagnose.report.wording import columns
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import ExpertFigures, LrRatio

_ROWS: tuple[tuple[str, Callable[[ExpertFigures], float | str | None], Kind, str], ...] = (
    ("Learning rate, first logged", lambda e: e.lr_first, Kind.RATE, NOT_LOGGED),
    ("Learning rate, last logged", lambda e: e.lr_last, Kind.RATE, NOT_LOGGED),
    ("Loss, mean", lambda e: e.loss_mean, Kind.LOSS, UNKNOWN),
    ("Loss, standard deviation", lambda e: e.loss_std, Kind.LOSS, UNKNOWN),
    ("Gradient stability", lambda e: e.gradient_stability, Kind.STABILITY, NOT_LOGGED),
    ("Batches behind these means", lambda e: e.batches, Kind.COUNT, NOT_LOGGED),
    ("Window of these means", lambda e: e.window, Kind.OTHER, NOT_LOGGED),
    ("Batches in all", lambda e: e.batches_total, Kind.COUNT, NOT_LOGGED),
    ("Weight magnitude", lambda e: e.magnitude, Kind.MAGNITUDE, UNKNOWN),
    ("of which an untrained LoRA reads", lambda e: e.untrained_magnitude, Kind.MAGNITUDE, UNKNOWN),
    ("Norm of the update B·A", lambda e: e.update_norm, Kind.MAGNITUDE, UNKNOWN),
    ("Growth of the magnitude", lambda e: e.growth, Kind.GROWTH, UNKNOWN),
    ("Window of the growth", lambda e: e.growth_window, Kind.OTHER, UNKNOWN),
)
_MEANING = (
    "Weight magnitude is the mean absolute value over all LoRA tensors of one expert. "
    "It holds the random initialisation, which is why the untrained reading stands beside it."
)


def experts(report: Report) -> list[Block]:
    """The table of the two experts; rows in which nothing is known of either are named below it.

    Before a run there is only the ratio that the config declares, if it tells of one.
    """
    title = heading(2, "The two experts")
    if report.checklist:
        return [] if report.lr_ratio.unknown else [title, paragraph(_ratio(report.lr_ratio))]
    pair = [figures for _, figures in report.experts]
    known: list[list[Piece]] = []
    missing = []
    for label, read, kind, unknown in _ROWS:
        values = [read(expert) for expert in pair]
        if any(value is not None for value in values):
            known.append([label, *(_cell(value, kind, unknown) for value in values)])
        else:
            missing.append(label)
    measured = any(expert.magnitude is not None for expert in pair)
    notes: list[Piece] = [_missing(missing, nothing=not known), _mixed(report), _ratio(report.lr_ratio)]
    notes += [_MEANING] if measured else []
    tables = [table(("", *columns(report.titles)), known, numbers_from=1)] if known else []
    return [title, *tables, *(paragraph(note) for note in notes if note)]


def _cell(value: float | str | None, kind: Kind, unknown: str) -> Piece:
    return prose(value) or unknown if isinstance(value, str) else figure(value, kind, unknown)


def _mixed(report: Report) -> Line:
    """Give the rate of a log that has one for both experts."""
    if report.lr_shared_last is None or report.lr_ratio.observed_last is not None:
        return ()
    rate = figure(report.lr_shared_last, Kind.RATE)
    return line("The log has one learning rate for both experts, mixed over them: ", strong(rate), " at the end.")


def _ratio(ratio: LrRatio) -> Line:
    if ratio.unknown:
        return line("The learning-rate ratio high/low is unknown, in the config as in the log.")
    declared, effective, last, median = (
        figure(value, Kind.RATIO)
        for value in (ratio.declared, ratio.effective, ratio.observed_last, ratio.observed_median)
    )
    logged = line("in the log ", strong(last), " at the end, median ", strong(median))
    if ratio.observed_last is None and ratio.observed_median is None:
        logged = line(NOT_LOGGED)
    said = f" declared {declared}, in effect {effective}, "
    return line(strong("Learning-rate ratio high/low:"), said, logged, ".")


def _missing(labels: list[str], *, nothing: bool) -> str:
    if nothing:
        return "Neither the log nor the weights tell anything about either expert."
    shown = [label[0].lower() + label[1:] for label in labels if not label.startswith(("Window", "of which"))]
    return f"Not known of either expert: {'; '.join(shown)}." if shown else ""
