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
    ("Batches averaged", lambda e: e.batches, Kind.COUNT, NOT_LOGGED),
    ("Steps averaged", lambda e: e.window, Kind.OTHER, NOT_LOGGED),
    ("All batches", lambda e: e.batches_total, Kind.COUNT, NOT_LOGGED),
    ("Weight magnitude", lambda e: e.magnitude, Kind.MAGNITUDE, UNKNOWN),
    ("Untrained LoRA (baseline)", lambda e: e.untrained_magnitude, Kind.MAGNITUDE, UNKNOWN),
    ("Update norm (size of B·A)", lambda e: e.update_norm, Kind.MAGNITUDE, UNKNOWN),
    ("Late growth of the magnitude", lambda e: e.growth, Kind.GROWTH, UNKNOWN),
    ("Steps of that growth", lambda e: e.growth_window, Kind.OTHER, UNKNOWN),
)
_FIRST = ("Learning rate, last logged", "Loss, mean", "Weight magnitude", "Late growth of the magnitude")
_MEANING = (
    "Weight magnitude is the mean absolute value over all LoRA tensors of one expert. "
    "It includes the random start, so compare it with the untrained LoRA."
)


def experts(report: Report) -> list[Block]:
    """The table of the two experts; rows in which nothing is known of either are named below it.

    Before a run there is only the ratio that the config declares, if it tells of one.
    """
    title = heading(2, "The two experts")
    if report.checklist:
        return [] if report.lr_ratio.unknown else [title, paragraph(_ratio(report.lr_ratio))]
    pair = [figures for _, figures in report.experts]
    known = _known_rows(report)
    missing = [label for label, *_ in _ROWS if label not in {row[0] for row in known}]
    measured = any(expert.magnitude is not None for expert in pair)
    notes: list[Piece] = [_missing(missing, nothing=not known), _mixed(report), _ratio(report.lr_ratio)]
    notes += [_MEANING] if measured else []
    tables = [table(("", *columns(report.titles)), known, numbers_from=1)] if known else []
    return [title, *tables, *(paragraph(note) for note in notes if note)]


def experts_in_short(report: Report) -> list[Block]:
    """The rows that matter first, as far as anything is known of them."""
    rows = [row for row in _known_rows(report) if row[0] in _FIRST]
    return [table(("", *columns(report.titles)), rows, numbers_from=1)] if rows else []


def _known_rows(report: Report) -> list[list[Piece]]:
    """Return the rows in which something is known of an expert."""
    pair = [figures for _, figures in report.experts]
    return [
        [label, *(_cell(read(expert), kind, unknown) for expert in pair)]
        for label, read, kind, unknown in _ROWS
        if any(read(expert) is not None for expert in pair)
    ]


def _cell(value: float | str | None, kind: Kind, unknown: str) -> Piece:
    return prose(value) or unknown if isinstance(value, str) else figure(value, kind, unknown)


def _mixed(report: Report) -> Line:
    """Give the rate of a log that has one for both experts."""
    if report.lr_shared_last is None or report.lr_ratio.observed_last is not None:
        return ()
    rate = figure(report.lr_shared_last, Kind.RATE)
    return line("The log has one learning rate for both experts: ", strong(rate), " at the end.")


def _ratio(ratio: LrRatio) -> Line:
    if ratio.unknown:
        return line("The learning-rate ratio high/low is unknown: neither the config nor the log tells it.")
    median = figure(ratio.observed_median, Kind.RATIO, "")
    logged = f"; {median} in the log's median" if median else f"; {NOT_LOGGED}"
    return line(strong("Learning-rate ratio high/low:"), f" {lr_ratio_in_words(ratio)}{logged}.")


def lr_ratio_in_words(ratio: LrRatio) -> str:
    """Say what the ratio of the last learning rates is, in the log and by the config; "" where neither tells."""
    told = (
        ("in the log", ratio.observed_last),
        ("in the config", ratio.declared),
        ("in effect", ratio.effective),
    )
    said: dict[str, list[str]] = {}
    for where, value in told:
        if value is not None:
            said.setdefault(figure(value, Kind.RATIO), []).append(where)
    return "; ".join(f"{value} {', '.join(where)}" for value, where in said.items())


def _missing(labels: list[str], *, nothing: bool) -> str:
    if nothing:
        return "Neither the log nor the weights tell anything about the experts."
    shown = [label[0].lower() + label[1:] for label in labels if not label.startswith(("Steps", "Untrained"))]
    return f"Unknown for both experts: {'; '.join(shown)}." if shown else ""
