"""The end of the page: how the report was made, what passed, the claims cited, and the proof, firing by firing."""

from __future__ import annotations

from diagnose.report.escape import code, prose
from diagnose.report.figures import measured
from diagnose.report.wording import bullets, numbered, place, sentence, subject
from diagnose.verdict.judgement import Citation, Evidence, TraceStep
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import RunSummary

MOST_FILES = 12


def appendix(report: Report) -> list[str]:
    """Tool and engine, files, passed rules, claims, trace."""
    return ["## Appendix", *_made(report), *_passed(report), *_claims(report), *_trace(report)]


def _made(report: Report) -> list[str]:
    tool = report.tool
    lines = [f"diagnose {prose(tool.version)}, rule base {code(tool.rulebase)}", f"Engine: {prose(tool.engine)}"]
    lines[-1] += f" ({prose(tool.engine_note)})" if tool.engine_note else ""
    lines.append(f"Run: {code(report.run.path)}")
    lines += _concluded(report.run)
    if report.run.files:
        shown = ", ".join(map(code, report.run.files[:MOST_FILES]))
        left = len(report.run.files) - MOST_FILES
        lines.append(f"Files read: {shown}{f' and {left} more, in the JSON report' if left > 0 else ''}")
    return ["### How this report was made", bullets(lines)]


def _concluded(run: RunSummary) -> list[str]:
    """Say what trainer and intent were concluded from."""
    lines = []
    if run.trainer is not None and run.trainer_evidence:
        lines.append(f"Trainer: {prose(run.trainer)} ({'; '.join(map(_reason, run.trainer_evidence))})")
    if run.intent is not None and run.intent_evidence:
        lines.append(f"Intent: {prose(run.intent)} ({'; '.join(map(prose, run.intent_evidence))})")
    return lines


def _reason(item: Evidence) -> str:
    return f"{prose(item.note or item.meaning)}{f', {place(item.source)}' if item.source else ''}"


def _passed(report: Report) -> list[str]:
    names = ", ".join(code(rule.name) for rule in report.passed)
    return [f"### Rules that passed ({len(report.passed)})", f"{names}."] if names else []


def _claims(report: Report) -> list[str]:
    cited: dict[str, Citation] = {}
    for finding in report.findings:
        cited.update((each.id, each) for each in finding.claims)
    lines = [_claim(each) for _, each in sorted(cited.items())]
    return ["### Claims cited", bullets(lines)] if lines else []


def _claim(cited: Citation) -> str:
    standing = f" *{sentence(cited.grade)}*" if cited.grade else ""
    because = f" {sentence(cited.because)}" if cited.because else ""
    return f"**{prose(cited.id)}** {prose(cited.says)}{standing}{because}"


def _trace(report: Report) -> list[str]:
    steps = [_step(step) for step in report.trace]
    return ["### The proof, firing by firing", numbered(steps)] if steps else []


def _step(step: TraceStep) -> str:
    who = subject(step.subject)
    head = f"{prose(step.stage)}: {code(step.name)} ({prose(step.rule)}){f', {who}' if who else ''}"
    bound = [f"{_fact(fact, about)} = {code(measured(value, fact, ''))}" for _, fact, about, value in step.bound]
    absent = [f"no {code(text)}" for text in step.absent]
    premises = "; ".join(dict.fromkeys([*bound, *absent]))
    return f"{head}: {premises}" if premises else head


def _fact(fact: str, about: str) -> str:
    who = subject(about)
    return f"{code(fact)}{f' of {who}' if who else ''}"
