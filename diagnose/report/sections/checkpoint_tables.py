"""The saved steps: which of them to keep, and how the two experts' weights moved over the run."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.facts.weights.keep import Keep, Opinion
from diagnose.facts.weights.pairs import in_words
from diagnose.report.blocks import Block, drop_empty_columns, heading, paragraph, table, under
from diagnose.report.figures import UNKNOWN, Kind, figure
from diagnose.report.spans import Line, Piece, join, line, prose, sentence, strong
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import CheckpointRow

MOST_ROWS = 12
_CRITERIA = ("Criterion", "Favours", "Why", "Used")


def best_checkpoints(report: Report) -> str:
    """Name the saved steps that the evidence favours: "step 2200", "steps 2000 and 2200"; "" where it favours none."""
    choice = report.keep
    if choice is None or not choice.steps:
        return ""
    words = in_words(choice.steps, choice.saved)
    return words.replace("step ", "steps ") if len(choice.steps) > 1 else words


def keep(report: Report) -> list[Block]:
    """Which checkpoint to keep, then the criteria that say something; nothing without a measured checkpoint."""
    choice = report.keep
    if choice is None:
        return []
    telling = [_criterion(opinion, choice.saved) for opinion in choice.opinions if opinion.favours is not None]
    silent = [opinion for opinion in choice.opinions if opinion.favours is None]
    blocks: list[Block] = [
        heading(2, "Which checkpoint to keep"),
        paragraph(_answer(choice, len(report.checkpoints))),
    ]
    blocks += [table(_CRITERIA, telling)] if telling else []
    blocks += [paragraph("Did not help to choose: ", _reasons(silent), ".")] if silent else []
    return [*blocks, *under(paragraph(strong("What this can't show.")), map(sentence, choice.unseen))]


def _answer(choice: Keep, saved: int) -> Line:
    if choice.nothing:
        return line(strong("None:"), " ", sentence(choice.nothing), " There is nothing to resume from.")
    if not choice.steps:
        which = "of the checkpoints that remain" if choice.against else "checkpoint"
        return line(strong(f"Weights and losses don't favour any {which}."), " Compare samples.")
    if saved == 1:
        return line("Only step ", strong(str(choice.steps[0])), " is saved.")
    if len(choice.steps) == 1:
        return line(strong(f"Step {choice.steps[0]}"), ".")
    words = in_words(choice.steps, choice.saved)
    return line(
        strong(words.replace("step ", "Steps ")), f": weights and losses can't separate these {len(choice.steps)}."
    )


def _criterion(opinion: Opinion, saved: Sequence[int]) -> list[Piece]:
    used = "no"
    if opinion.decides:
        used = "yes" if opinion.narrows else "yes, rules out nothing more"
    if opinion.overruled:
        used = "no, the criteria above win"
    return [prose(opinion.criterion), in_words(opinion.favours or saved, saved), prose(opinion.because), used]


def _reasons(opinions: Sequence[Opinion]) -> Line:
    """Give each reason once, after the criteria that have it."""
    grouped: dict[str, list[str]] = {}
    for opinion in opinions:
        grouped.setdefault(opinion.because, []).append(opinion.criterion)
    told = (line(prose(", ".join(names)), " (", prose(because), ")") for because, names in grouped.items())
    return join("; ", told)


def checkpoints(report: Report) -> list[Block]:
    """The table of saved steps, thinned to MOST_ROWS; nothing before a run."""
    rows = report.checkpoints
    if report.checklist:
        return []
    title = heading(2, "Checkpoints")
    if not rows:
        return [title, paragraph("No checkpoint found, or none could be read.")]
    best = best_ratio(rows)
    marked = [index for index, row in enumerate(rows) if row.mark is not None]
    shown = thinned(len(rows), best, marked)
    cells = [_saved_step(rows[index], best=index == best) for index in shown]
    magnitudes, norms, rates = (
        [f"{name.capitalize()} {what}" for name in report.titles] for what in ("magnitude", "update norm", "LR")
    )
    names = ("Step", *magnitudes, "Weight ratio", *norms, *rates, "LR ratio")
    header, cells = drop_empty_columns(names, cells, UNKNOWN)
    course = report.trajectory
    among = " of the saves that compare the experts" if course is not None and course.compared else ""
    notes = [f"Bold: the largest weight ratio{among}."] if best is not None else []
    left = len(rows) - len(shown)
    if left:
        notes.append(f"{len(shown)} of {len(rows)} saved steps; the other {left} are in the JSON report.")
    if len(header) == 1:
        notes.append("The weights were not measured.")
    return [title, table(header, cells, numbers_from=1), *([paragraph(" ".join(notes))] if notes else [])]


def best_ratio(rows: Sequence[CheckpointRow]) -> int | None:
    """Return the index of the row with the largest weight ratio of those that compare; None without two to compare.

    A ratio in the middle of a turn, when one expert has trained longer than the other, is none to compare.
    """
    known = [row for row in rows if row.weight_ratio is not None]
    marked = (index for index, row in enumerate(rows) if row.best)
    return next(marked, None) if len(known) > 1 else None


def thinned(count: int, best: int | None, marked: Sequence[int] = ()) -> list[int]:
    """Return the indices to show: first, last, marked, the best with its neighbours, every k-th, MOST_ROWS at most."""
    kept = {0, count - 1, *marked}
    if best is not None:
        kept |= {index for index in (best - 1, best, best + 1) if 0 <= index < count}
    spread = (kept | set(range(0, count, stride)) for stride in range(1, count + 1))
    return sorted(next(indices for indices in spread if len(indices) <= MOST_ROWS))


def _saved_step(row: CheckpointRow, *, best: bool) -> list[Piece]:
    ratio = figure(row.weight_ratio, Kind.RATIO)
    step = [figure(row.step, Kind.COUNT, "no step in its name"), "final" if row.final else "", row.mark or ""]
    return [
        ", ".join(filter(None, step)),
        *(figure(each, Kind.MAGNITUDE) for each in row.magnitude.values()),
        strong(ratio) if best else ratio,
        *(figure(each, Kind.MAGNITUDE) for each in row.update_norm.values()),
        *(figure(each, Kind.RATE) for each in row.lr.values()),
        figure(row.lr_ratio, Kind.RATIO),
    ]
