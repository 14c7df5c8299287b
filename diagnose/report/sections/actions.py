"""What to do now: advice that no config key holds, then the next run, then what is left to decide or provide."""

from __future__ import annotations

import shlex

from diagnose.report.escape import code, prose
from diagnose.report.figures import counted
from diagnose.report.sections.uncertain import grouped
from diagnose.report.wording import advice, change, numbered
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.report import Report


def actions(report: Report) -> list[str]:
    """An ordered list, in the findings' rank."""
    items = [*_advice(report), *_next_run(report), *_decisions(report), *_missing(report)]
    return ["## What to do now", numbered(items) if items else "Nothing: no change is advised."]


def _advice(report: Report) -> list[str]:
    asked = [each for finding in report.findings for each in finding.changes] + list(report.next.changes)
    return list(dict.fromkeys(advice(each) for each in asked if each.op is ChangeOp.ADVISE and each.because))


def _next_run(report: Report) -> list[str]:
    """Say how to get the next config, what to look at in it, and what it leaves to the user."""
    edits = [each for each in report.next.changes if each.op is not ChangeOp.ADVISE]
    written = [e for e in edits if e.applicability is not Applicability.MANUAL] if report.next.diff else []
    by_hand = [edit for edit in edits if edit not in written]
    items = []
    if written:
        changed = counted(len(written), "key", "keys")
        items.append(f"Start the next run with {changed} changed: {code(_command(report))} writes the config.")
    doubtful = [change(edit) for edit in written if edit.applicability is Applicability.REVIEW]
    items += [f"Look at these changes before you start: {'; '.join(doubtful)}."] if doubtful else []
    items += [f"Change by hand: {'; '.join(map(change, by_hand))}."] if by_hand else []
    return items


def _command(report: Report) -> str:
    intent = ["--intent", report.run.intent] if report.run.intent else []
    words = ["diagnose", "next", report.run.path, *intent, "--strategy", report.next.strategy, "-o", "next.yaml"]
    return shlex.join(words)


def _decisions(report: Report) -> list[str]:
    return [f"Decide about {code(conflict.path)}, which rules want differently." for conflict in report.next.conflicts]


def _missing(report: Report) -> list[str]:
    groups = [(need, rules) for need, rules in grouped(report) if need]
    if not groups:
        return []
    need, rules = groups[0]
    return [f"Provide {prose(need)}: {counted(len(rules), 'rule waits', 'rules wait')} for it."]
