"""What the report does not know: rules that could not be judged, the thresholds' reach, what could not be read."""

from __future__ import annotations

from diagnose.report.escape import code, prose
from diagnose.report.figures import counted
from diagnose.report.wording import bullets, place, sentence
from diagnose.verdict.judgement import NotEvaluated
from diagnose.verdict.report import Report

MOST_REMARKS = 20
DATASET_OPTION = "--dataset"


def uncertain(report: Report) -> list[str]:
    """Grouped by what is missing, so that the list stays short."""
    blocks = [*_not_judged(report), *_validity(report), *_unread(report)]
    return ["## What is uncertain", *blocks] if blocks else []


def grouped(report: Report) -> list[tuple[str, list[NotEvaluated]]]:
    """Return what to provide first, with the rules that wait for it, the most awaited first.

    It is "" for rules that nothing would help: their reason says why.
    """
    groups: dict[str, list[NotEvaluated]] = {}
    for rule in report.not_evaluated:
        groups.setdefault(_wanted(rule.needs[0], report) if rule.needs else "", []).append(rule)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _wanted(need: str, report: Report) -> str:
    """Return what to provide; of a data set that was looked at, what its folder lacks."""
    if DATASET_OPTION not in need or not report.run.datasets:
        return need
    folders = ", ".join(dict.fromkeys(each.folder for each in report.run.datasets))
    return f"clips and captions that can be used, in the data set's folder ({folders})"


def _not_judged(report: Report) -> list[str]:
    lines = [line for need, rules in grouped(report) for line in _waiting(need, rules)]
    count = counted(len(report.not_evaluated), "rule", "rules")
    return [f"**Not judged:** {count}.", bullets(lines)] if lines else []


def _waiting(need: str, rules: list[NotEvaluated]) -> list[str]:
    if need:
        return [f"Provide **{prose(need)}** to judge {_names(rules)}."]
    reasons = dict.fromkeys(rule.reason for rule in rules)
    same = {reason: [rule for rule in rules if rule.reason == reason] for reason in reasons}
    return [f"{_names(group)}: {sentence(reason)}" for reason, group in same.items()]


def _names(rules: list[NotEvaluated]) -> str:
    return ", ".join(dict.fromkeys(map(_name, rules)))


def _name(rule: NotEvaluated) -> str:
    more = ", ".join(prose(need) for need in rule.needs[1:])
    return f"{code(rule.name)} (also {more})" if more else code(rule.name)


def _validity(report: Report) -> list[str]:
    notes = [prose(note) for note in report.run.validity]
    return ["**What does not reach this run.**", bullets(notes)] if notes else []


def _unread(report: Report) -> list[str]:
    lines = [f"{place(remark.place)}: {prose(remark.text)}" for remark in report.unread[:MOST_REMARKS]]
    left = len(report.unread) - len(lines)
    lines += [f"and {left} more, in the JSON report"] if left else []
    return ["**Not read, or repaired.**", bullets(lines)] if lines else []
