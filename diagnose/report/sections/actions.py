"""What to do now: advice that no config key holds, then the next run, then what is left to decide or provide."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from diagnose.report.escape import code, prose
from diagnose.report.figures import counted
from diagnose.report.sections.uncertain import grouped
from diagnose.report.wording import advice, change, numbered, still_at_fault
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.outcome import Change
from diagnose.verdict.planned import NextConfig
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
    plan = report.next
    written = plan.written
    by_hand = [edit for edit in plan.changes if edit.op is not ChangeOp.ADVISE and not _is_written(edit, plan)]
    items = []
    if plan.configs:
        names = " and ".join(code(f"next.{each.expert.value}.yaml") for each in plan.configs)
        items.append(f"Start the next two runs, an expert each: {code(_command(report))} writes {names}.")
    elif written:
        items.append(_one_config(report, counted(len(written), "key", "keys")))
    doubtful = [edit for edit in written if edit.applicability is Applicability.REVIEW]
    items += [f"Look at these changes before you start: {_listed(doubtful)}."] if doubtful else []
    items += [f"Change by hand: {_listed(by_hand)}."] if by_hand else []
    return items


def _one_config(report: Report, changed: str) -> str:
    """Offer the next config; one that would be stopped is not to be started yet."""
    command = code(_command(report))
    stopped = still_at_fault(report.next)
    if stopped:
        return f"{command} writes the config with {changed} changed. Do not start it yet: {prose(stopped)}."
    what = "Start" if report.checklist else "Start the next run"
    return f"{what} with {changed} changed: {command} writes the config."


def _is_written(edit: Change, plan: NextConfig) -> bool:
    """Return whether a change of a key is made for the user in what `next` writes."""
    return edit.applicability is not Applicability.MANUAL and bool(plan.diff or plan.configs)


def _listed(edits: Sequence[Change]) -> str:
    """List changes on one line, what is removed together at the end."""
    removed = [code(edit.path) for edit in edits if edit.op is ChangeOp.REMOVE]
    others = [change(edit) for edit in edits if edit.op is not ChangeOp.REMOVE]
    return "; ".join([*others, *([f"remove {', '.join(removed)}"] if removed else [])])


def _command(report: Report) -> str:
    """Return the command that writes the next config, with what the user said of the run."""
    run = report.run
    asked = any(item.source is not None and item.source.key == "--trainer" for item in run.trainer_evidence)
    words = ["diagnose", "next", run.path]
    words += ["--trainer", run.trainer] if asked and run.trainer else []
    words += ["--intent", run.intent] if run.intent else []
    words += ["--split"] if report.next.configs else []
    return shlex.join([*words, "--strategy", report.next.strategy, "-o", "next.yaml"])


def _decisions(report: Report) -> list[str]:
    return [f"Decide about {code(conflict.path)}, which rules want differently." for conflict in report.next.conflicts]


def _missing(report: Report) -> list[str]:
    """Say what would help most: first what the next config waits for, then what most rules wait for."""
    rules = {need: len(group) for need, group in grouped(report) if need}
    changes: dict[str, list[str]] = {}
    for each in report.next.waiting:
        changes.setdefault(each.needs[0], []).append(f"*{prose(each.title)}*")
    wanted = list(dict.fromkeys([*changes, *list(rules)[:1]]))
    return [f"Provide {prose(need)}: {_waiting(rules.get(need, 0), changes.get(need, []))}." for need in wanted]


def _waiting(rules: int, changes: Sequence[str]) -> str:
    judged = f"{counted(rules, 'rule waits', 'rules wait')} for it"
    if not changes:
        return judged
    decided = f"these changes of the next config{'' if rules else ' wait for it'}: {'; '.join(changes)}"
    return f"{judged}, and so do {decided}" if rules else decided
