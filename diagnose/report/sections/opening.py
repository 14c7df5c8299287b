"""The top of the page: the run's name, the verdict in one line, and what this run is."""

from __future__ import annotations

from diagnose.core.values import Confidence, Severity
from diagnose.report.blocks import Block, heading, paragraph
from diagnose.report.figures import UNKNOWN, counted
from diagnose.report.sections.finding_lists import faults, how_sure
from diagnose.report.spans import Line, Piece, code, join, line, prose, sentence, strong
from diagnose.report.wording import STATUS, set_by_user
from diagnose.rulebase.rule import ChangeOp
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import RunSummary

_BEFORE = {
    Severity.BLOCKER: "Started like this, the run would stop or be wasted.",
    Severity.CRITICAL: "Started like this, the run {would} fail.",
    Severity.MAJOR: "Started like this, the result {would} be weak.",
}
_AFTER = {
    Severity.BLOCKER: "Fix this before you train again.",
    Severity.CRITICAL: "Another run of this config {would} end the same way.",
    Severity.MAJOR: "Another run of this config {would} have the same problem.",
}
"""What the gravest finding means for the run to come: `would` where it is sure, `might` where it is not."""
_ENDED = {None: "end unknown", True: "finished", False: "not finished"}


def opening(report: Report) -> list[Block]:
    """Title, verdict with how sure it is, and the run in a few lines."""
    told = next(iter(faults(report)), None)
    sure = line("How sure: ", how_sure(told.head), ".") if told is not None else ()
    status = strong(STATUS[report.verdict.status], ".")
    verdict: list[Piece] = [status, sentence(report.verdict.headline), sure, outcome(report)]
    return [
        heading(1, prose(report.run.name) or "A training run without a name"),
        paragraph(join(" ", verdict)),
        paragraph(join(" ", [about(report), own_thresholds(report)])),
    ]


def about(report: Report) -> Line:
    """Say who trains it, what it is for, how far it came, and which data sets were looked at."""
    length = _ahead(report.run) if report.checklist else _length(report.run)
    return join(" ", [_trainer(report), _intent(report.run), length, _datasets(report.run)])


def own_thresholds(report: Report) -> Line:
    """Say which thresholds the user set."""
    return join(" ", (set_by_user(param) for param in report.parameters if param.overridden))


def _datasets(run: RunSummary) -> Line:
    """Say which data sets were looked at, each folder once."""
    folders = {each.folder: each for each in reversed(run.datasets)}.values()
    told = []
    for one in reversed(folders):
        count = "all files" if one.files is None else counted(one.files, "file", "files")
        told.append(line(f"Data set: {count} in ", code(one.folder), " checked (", prose(one.how), ")."))
    return join(" ", told)


def outcome(report: Report) -> str:
    """Say what the gravest finding means for a run of the same config; of a run that may go on, only that it may."""
    gravest = min(report.findings, key=lambda each: (each.severity.rank, each.confidence.rank), default=None)
    sure = gravest is not None and gravest.confidence is not Confidence.LOW
    if report.run.open:
        lost = gravest is not None and sure and gravest.severity.rank <= Severity.CRITICAL.rank
        return "If it is still running, stop it." if lost else "It may still be running; this covers its steps so far."
    if gravest is None or not (report.checklist or gravest.severity is Severity.BLOCKER or _repeats(report)):
        return ""
    would = "would" if sure else "might"
    return (_BEFORE if report.checklist else _AFTER).get(gravest.severity, "").format(would=would)


def _repeats(report: Report) -> bool:
    """Return whether the first story is the config's doing, so that it would repeat: a key of it answers the story."""
    first = next(iter(report.stories), None)
    members = first.members if first is not None else ()
    return any(change.op is not ChangeOp.ADVISE for member in members for change in member.changes)


def _trainer(report: Report) -> Line:
    trainer = report.run.trainer
    if trainer is None:
        return line("The trainer is unknown (`--trainer` sets it).")
    kind = report.run.trainer_kind
    return line("Trainer: ", strong(prose(trainer)), f" ({kind})." if kind else ".")


def _intent(run: RunSummary) -> Line:
    if run.intent is None:
        return line("What the LoRA should learn is unknown (`--intent motion|character|style` sets it).")
    how = line("guessed; `--intent` changes it") if guessed(run) else join("; ", map(prose, run.intent_evidence))
    return line("Intent: ", strong(prose(run.intent)), line(" (", how, ").") if how else ".")


def guessed(run: RunSummary) -> bool:
    """Return whether the intent was concluded and not said."""
    return any(reason.startswith("inferred") for reason in run.intent_evidence)


def _ahead(run: RunSummary) -> Line:
    return () if run.steps_configured is None else line("Length: ", strong(str(run.steps_configured)), " steps.")


def _length(run: RunSummary) -> Line:
    ended = line(_ENDED[run.finished]) if run.ended in ("", UNKNOWN) else prose(run.ended)
    configured, trained = run.steps_configured, run.steps_trained
    if trained is None:
        said = "" if configured is None else f" of {configured}"
        return line(f"Steps trained: unknown{said}; ", ended, ".")
    if trained > (configured or trained):
        return line("Log and files reach step ", strong(str(trained)), f" of {configured}; ", ended, ".")
    of = " steps" if configured is None else f" of {configured} steps"
    pace = pace_in_words(run)
    return line("Trained ", strong(str(trained)), f"{of}; ", ended, f"; {pace}." if pace else ".")


def pace_in_words(run: RunSummary) -> str:
    """Say how long a step takes now and how long the rest takes; "" where that matters to nobody any more."""
    pace = run.pace
    if pace is None or not (run.open or pace.slow_from is not None):
        return ""
    left = f", {pace.hours_left:.1f} hours left" if pace.hours_left is not None else ""
    slow = f" since step {pace.slow_from}" if pace.slow_from is not None else ""
    return f"{pace.last:.3g} s a step{slow}{left}"
