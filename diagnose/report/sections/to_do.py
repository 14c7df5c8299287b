"""What to do now: advice that no config key holds, then the next run, then what is left to decide or provide."""

from __future__ import annotations

from diagnose.core.values import Severity
from diagnose.report.blocks import Block, heading, items, paragraph
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.sections.checkpoint_tables import best_checkpoints
from diagnose.report.sections.next_run_steps import QUESTIONS, next_run, questions
from diagnose.report.sections.open_questions import DATASET_OPTION, awaited
from diagnose.report.spans import Line, capital, code, line, prose, sentence
from diagnose.rulebase.rule import ChangeOp, Meaning
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Status

NOTHING = "Nothing to change."
_WORSE = (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR)


def to_do(report: Report) -> list[Block]:
    """An ordered list, in the findings' rank."""
    return [heading(2, "What to do now"), *(items(steps(report), numbered=True) or [paragraph(NOTHING)])]


def steps(report: Report) -> list[Line]:
    """Return what to do now, first things first: the one list that every view shows."""
    why = " yourself: the rules disagree, so it stays as it is."
    saved, advice = _saved(report), _advice(report, grave=True)
    broken = report.verdict.status is Status.BLOCKED  # what broke the run comes before what it left
    return [
        *(advice if broken else saved),
        *(saved if broken else advice),
        *questions(report),
        *next_run(report),
        *_advice(report, grave=False),
        *(line("Decide on ", code(conflict.path), why) for conflict in report.next.conflicts),
        *_missing(report),
    ]


def _saved(report: Report) -> list[Line]:
    """Say what to do with what this run has saved: to go on from it, to load it otherwise, or to leave it."""
    choice = report.keep
    if choice is not None and choice.nothing:
        return [line("Use no checkpoint of this run and start again from nothing: ", sentence(choice.nothing))]
    return [*_first_aid(report), *_compare(report), *_going_on(report)]


def _compare(report: Report) -> list[Line]:
    """Say which checkpoints to compare, and why nothing but samples can decide."""
    best = best_checkpoints(report)
    if not best or len(report.checkpoints) == 1:
        return []
    if best.startswith("steps "):
        return [line(f"Render {best} with one seed and keep the best: weights and losses can't separate them.")]
    return [line(f"Use the checkpoint of {best}: weights and losses favour it.")]


def _first_aid(report: Report) -> list[Line]:
    """Give the strength that makes up for a scale the files were trained at and do not say."""
    if not report.checkpoints:
        return []
    wrong = [finding for finding in report.findings if Meaning.OTHER_STRENGTH in finding.means]
    scales = [e.value for finding in wrong for e in finding.evidence if e.fact == "effective.training_scale"]
    strengths = [figure(scale, Kind.RATIO) for scale in scales if isinstance(scale, int | float)]
    return [line(f"Load these files at strength {each}: they were trained at that scale.") for each in strengths]


def _going_on(report: Report) -> list[Line]:
    """Say from where an unfinished run goes on, unless it has gone wrong or too far."""
    run = report.run
    worse = any(finding.severity in _WORSE for finding in report.findings)
    if run.resumes_from is None or worse or (report.next.goes_on_from is not None and report.next.written):
        return []
    resumes = f"it resumes from the save of step {run.resumes_from}"
    return [line(f"To continue this run, start the trainer again with the same config: {resumes}.")]


def _advice(report: Report, *, grave: bool) -> list[Line]:
    """Word what no key holds, each once: of the grave findings, or the rest. What another step says is left out."""
    best = best_checkpoints(report).partition(" ")[2]
    weighty = [each for finding in report.findings if finding.severity in _WORSE for each in finding.changes]
    asked = [each for finding in report.findings for each in finding.changes] + list(report.next.changes)
    asked = weighty if grave else [each for each in asked if each not in weighty]
    told = set(report.next.apart_by) if report.next.apart else set()
    said = [each for each in asked if each.op is ChangeOp.ADVISE and not told.intersection(each.rules)]
    words = [each.because for each in said if each.because and not (best and best in each.because)]
    return list(dict.fromkeys(map(capital, words)))


def _missing(report: Report) -> list[Line]:
    """Say which file would help most; a data set that was not given is named with what was not checked."""
    told = {need for each in report.next.waiting if not QUESTIONS.keys().isdisjoint(each.facts) for need in each.needs}
    first = next(((need, len(group)) for need, group in awaited(report) if need), None)
    if first is None or first[0] in told or DATASET_OPTION in first[0]:
        return []
    return [line("Add ", prose(first[0]), f": {counted(first[1], 'more check needs', 'more checks need')} it.")]
