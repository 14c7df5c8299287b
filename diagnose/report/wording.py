"""The words of the markdown page for the report's small parts: subjects, places, evidence, changes, origins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from diagnose.core.model import RUN, Confidence, Place, Scalar, Severity
from diagnose.domains.wan22.experts import Expert
from diagnose.report.escape import code, plain, prose
from diagnose.report.figures import ABSENT, exact, measured
from diagnose.rulebase.rule import Applicability, ChangeOp, Param
from diagnose.verdict.judgement import Change, Evidence
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.stories import Status
from diagnose.verdict.ticked_items import ChecklistStatus

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")

STATUS = {
    Status.HEALTHY: "Healthy",
    Status.ATTENTION: "Needs attention",
    Status.FAILING: "Failing",
    Status.BLOCKED: "Blocked",
}
SEVERITY = {
    Severity.BLOCKER: "Blocker",
    Severity.CRITICAL: "Critical",
    Severity.MAJOR: "Major",
    Severity.MINOR: "Minor",
    Severity.INFO: "Worth knowing",
    Severity.GOOD: "Good",
}
CONFIDENCE = {Confidence.HIGH: "High", Confidence.MEDIUM: "Medium", Confidence.LOW: "Low"}
EXPERT: Mapping[str, str] = {Expert.HIGH: "high-noise expert", Expert.LOW: "low-noise expert"}
APPLICABILITY = {
    Applicability.SAFE: "yes",
    Applicability.REVIEW: "look at it first",
    Applicability.MANUAL: "no, by hand",
}
CHECKLIST = {
    ChecklistStatus.PASS: "pass",
    ChecklistStatus.FAIL: "fail",
    ChecklistStatus.DIFFERS: "differ without fault",
    ChecklistStatus.OPEN: "open",
    ChecklistStatus.NOT_APPLICABLE: "not for this run",
}


def subject(name: str) -> str:
    """Say whom a fact or finding is about; "" for the run as a whole."""
    if name == RUN:
        return ""
    return EXPERT.get(name) or code(name)


def place(where: Place) -> str:
    """Say where a value stands: `file:line`, else the key or tensor in the file; and the step."""
    parts = [code(str(where))]
    if where.line is None and where.key is not None:
        parts.append(code(where.key))
    if where.tensor is not None:
        parts.append(f"tensor {code(where.tensor)}")
    if where.step is not None:
        parts.append(f"step {where.step}")
    return ", ".join(parts)


def evidence(item: Evidence) -> str:
    """Word one fact: value, what it is, where it was read."""
    value = measured(item.value, item.fact, item.unit)
    shown = code(value) if isinstance(item.value, str) else f"**{prose(value)}**"
    about = ", ".join(filter(None, [prose(item.meaning) or code(item.fact), subject(item.subject)]))
    note = f"({prose(item.note)})" if item.note else ""
    source = [place(item.source)] if item.source else []
    return " · ".join([shown, f"{about} {note}".rstrip(), *source])


def change(item: Change) -> str:
    """Word one change in a line, without its reason."""
    if item.op is ChangeOp.ADVISE:
        return advice(item)
    if item.op is ChangeOp.REMOVE:
        return f"remove {code(item.path)}, now {setting(item.old)}"
    return f"{code(item.path)}: {setting(item.old)} → {setting(item.new)}"


def advice(item: Change) -> str:
    """Word something that no key holds as a sentence."""
    return sentence(f"{item.because[:1].upper()}{item.because[1:]}")


def still_at_fault(plan: NextConfig) -> str:
    """Say that the next run would still be blocked or fail, and by which findings; "" where it would not."""
    faults = plan.stopped_by
    if not faults:
        return ""
    whose = "either of the next configs" if plan.configs else "this config" if not plan.diff else "the next config"
    how = "be blocked" if faults[0].severity is Severity.BLOCKER else "fail"
    named = ", ".join(dict.fromkeys(fault.name for fault in faults))
    return f"{whose} would still {how} ({named})"


def setting(value: Scalar | None) -> str:
    """Show a config value as the file has it, or say that the key is absent; text that spells a number has quotes."""
    shown = exact(value)
    return (
        ABSENT
        if value is None
        else code(f'"{shown}"' if isinstance(value, str) and _NUMBER.fullmatch(shown) else shown)
    )


def threshold(param: Param) -> str:
    """Show a parameter's value with its unit."""
    unit = "times" if param.unit == "x" else prose(param.unit)
    return f"{code(exact(param.value))} {unit}".rstrip()


def runs(count: int | None) -> str:
    """Say how many training runs stand behind a threshold."""
    if count is None:
        return "arithmetic or trainer code, not runs"
    if count == 0:
        return "no run"
    return "one run (n = 1)" if count == 1 else f"{count} runs (n = {count})"


def basis(params: Sequence[Param]) -> list[str]:
    """Say what the thresholds rest on: each number of runs in a sentence, then what the user set.

    Thresholds behind which there are no runs are only counted: the table of thresholds gives their reasons.
    """
    own = [param for param in params if param.overridden]
    given = [param for param in params if not param.overridden]
    sentences = []
    for count in dict.fromkeys(param.runs for param in given if param.runs is not None):
        same = [param for param in given if param.runs == count]
        sentences.append(f"{_named(same)} {'rests' if len(same) == 1 else 'rest'} on {runs(count)}.")
    if given and not sentences:
        sentences.append(f"Its thresholds are {runs(None)}.")
    return [*sentences, *(f"{set_by_user(param)}." for param in own)]


def set_by_user(param: Param) -> str:
    """Say what the user set in place of what."""
    return f"You set {code(param.name)} to {threshold(param)}{in_place_of(param)}"


def in_place_of(param: Param) -> str:
    """Say which value the user's stands in place of; "" where there was none."""
    return "" if param.replaced is None else f" in place of {threshold(replace(param, value=param.replaced))}"


def sentence(text: str) -> str:
    """Return `text` as prose that ends like a sentence; "" stays ""."""
    words = plain(text)
    return prose(words if not words or words.endswith((".", "!", "?")) else f"{words}.")


def numbered(items: Iterable[str]) -> str:
    """Return an ordered markdown list."""
    return "\n".join(f"{index}. {item}" for index, item in enumerate(items, start=1))


def bullets(items: Iterable[str]) -> str:
    """Return an unordered markdown list."""
    return "\n".join(f"- {item}" for item in items)


def _named(params: Sequence[Param]) -> str:
    names = [f"{code(param.name)} = {threshold(param)}" for param in params]
    return f"The threshold{'s' if len(names) > 1 else ''} {', '.join(names)}"
