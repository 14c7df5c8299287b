"""The top of the page: the run's name, the verdict in one line, and what this run is."""

from __future__ import annotations

from diagnose.model import Severity
from diagnose.report.escape import code, prose
from diagnose.report.figures import UNKNOWN, counted
from diagnose.report.wording import STATUS, place, sentence, set_by_user
from diagnose.verdict.datasets import DatasetSummary
from diagnose.verdict.evidence import Evidence
from diagnose.verdict.report import Report, RunSummary

_EVIDENCE_SHOWN = 2
_ENDED = {None: "how it ended is unknown", True: "finished", False: "not finished"}


def opening(report: Report) -> list[str]:
    """Title, verdict, and the run in a few lines."""
    return [
        f"# {prose(report.run.name) or 'A training run without a name'}",
        f"**{STATUS[report.verdict.status]}.** {sentence(report.verdict.headline)}".rstrip(),
        _about(report),
        *_set(report),
        _tally(report),
    ]


def _set(report: Report) -> list[str]:
    """The thresholds that the user set, each with the value it stands in place of."""
    own = [f"{set_by_user(param)}." for param in report.parameters if param.overridden]
    return [" ".join(own)] if own else []


def _about(report: Report) -> str:
    length = _ahead(report.run) if report.checklist else _length(report.run)
    return " ".join(filter(None, [_trainer(report), _intent(report.run), length, _datasets(report.run)]))


def _datasets(run: RunSummary) -> str:
    """Say which data sets were looked at, each folder once."""
    folders = {each.folder: each for each in reversed(run.datasets)}.values()
    return " ".join(_dataset(each) for each in reversed(folders))


def _dataset(one: DatasetSummary) -> str:
    count = "its files" if one.files is None else counted(one.files, "file", "files")
    return f"Of the data set {count} in {code(one.folder)} were looked at ({prose(one.how)})."


def _trainer(report: Report) -> str:
    run = report.run
    if run.trainer is None:
        return "Which trainer it is for is unknown." if report.checklist else "Which trainer made this run is unknown."
    reasons = "; ".join(_reason(item) for item in run.trainer_evidence[:_EVIDENCE_SHOWN])
    lead = "A config for" if report.checklist else "Trained with"
    return f"{lead} **{prose(run.trainer)}**{f' ({reasons})' if reasons else ''}."


def _reason(item: Evidence) -> str:
    return f"{prose(item.note or item.meaning)}{f', {place(item.source)}' if item.source else ''}"


def _intent(run: RunSummary) -> str:
    if run.intent is None:
        return "What the LoRA is to learn is unknown (`--intent motion|character|style` says it)."
    reasons = "; ".join(prose(reason) for reason in run.intent_evidence)
    return f"Intent: **{prose(run.intent)}**{f' ({reasons})' if reasons else ''}."


def _ahead(run: RunSummary) -> str:
    return "" if run.steps_configured is None else f"It asks for **{run.steps_configured}** steps."


def _length(run: RunSummary) -> str:
    ended = _ENDED[run.finished] if run.ended in ("", UNKNOWN) else prose(run.ended)
    if run.steps_trained is not None:
        of = "an unknown number" if run.steps_configured is None else f"{run.steps_configured} configured steps"
        return f"It trained **{run.steps_trained}** of {of}; {ended}."
    configured = "" if run.steps_configured is None else f"; {run.steps_configured} steps are configured"
    return f"How far it trained is unknown{configured}; {ended}."


def _tally(report: Report) -> str:
    good = sum(finding.severity is Severity.GOOD for finding in report.findings)
    counts = [counted(len(report.findings) - good, "finding", "findings")]
    counts += [counted(good, "thing that went well", "things that went well")] if good else []
    counts += [counted(len(report.passed), "rule passed", "rules passed")]
    counts += [f"{len(report.not_evaluated)} not judged"] if report.not_evaluated else []
    return " · ".join(counts)
