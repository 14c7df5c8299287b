"""What hangs on the intent, where nobody said it: the findings each answer would add."""

from __future__ import annotations

from diagnose.report.escape import code, prose
from diagnose.report.figures import counted
from diagnose.report.wording import SEVERITY, bullets
from diagnose.verdict.judgement import Supposed, Supposition
from diagnose.verdict.report import Report


def supposed(report: Report) -> list[str]:
    """One list for each thing the LoRA may be meant to learn."""
    if not report.suppositions:
        return []
    asked = "It is unknown what the LoRA is to learn, and the advice hangs on it; `--intent` says it."
    return ["## What hangs on the intent", asked, *(block for each in report.suppositions for block in _answer(each))]


def hangs_on_it(report: Report) -> str:
    """Say in a sentence what each answer to --intent would add; "" where the intent is known."""
    added = []
    for each in report.suppositions:
        number = counted(len(each.findings), "finding", "findings") if each.findings else "nothing"
        worst = f", the worst of them {SEVERITY[each.findings[0].severity].lower()}" if each.findings else ""
        added.append(f"`--intent {' or '.join(each.intents)}` adds {number}{worst}")
    return f"{'; '.join(added)}." if added else ""


def _answer(supposition: Supposition) -> list[str]:
    named = " or ".join(f"**{prose(intent)}**" for intent in supposition.intents)
    if not supposition.findings:
        return [f"If it is {named}: nothing more is found."]
    return [f"If it is {named}, this is found besides:", bullets(map(_line, supposition.findings))]


def _line(item: Supposed) -> str:
    return f"**{SEVERITY[item.severity]}** · {prose(item.message or item.title)} ({code(item.name)})"
