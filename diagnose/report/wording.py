"""The words for the report's small parts: subjects, places, evidence, changes, thresholds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from diagnose.core.values import RUN, Confidence, Place, Scalar, Severity
from diagnose.report.figures import ABSENT, exact, measured
from diagnose.report.spans import Line, capital, code, join, line, prose, strong
from diagnose.report.spans import place as place_span
from diagnose.rulebase.rule import Applicability, ChangeOp, Param
from diagnose.verdict.judgement import Change, Evidence
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.stories import Status
from diagnose.verdict.ticked_items import ChecklistStatus

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
APPLICABILITY = {
    Applicability.SAFE: "yes",
    Applicability.REVIEW: "check it first",
    Applicability.MANUAL: "no, by hand",
}
CHECKLIST = {
    ChecklistStatus.PASS: "passed",
    ChecklistStatus.FAIL: "failed",
    ChecklistStatus.DIFFERS: "different but fine",
    ChecklistStatus.OPEN: "unknown",
    ChecklistStatus.NOT_APPLICABLE: "n/a",
}


Titles: TypeAlias = "Mapping[str, str]"
"""What each expert is called in a sentence, by its name."""


def columns(titles: Titles) -> tuple[str, ...]:
    """Return what the experts' columns of a table are called: "High noise" for the "high-noise expert"."""
    return tuple(title.removesuffix(" expert").replace("-", " ").capitalize() for title in titles.values())


def subject(name: str, titles: Titles) -> Line:
    """Say whom a fact or finding is about; nothing for the run as a whole."""
    if name == RUN:
        return ()
    return line(titles[name]) if name in titles else code(name)


def place(where: Place) -> Line:
    """Say where a value is: `file:line`, else the key or tensor in the file; and the step."""
    parts = [place_span(str(where))]
    if where.line is None and where.key is not None:
        parts.append(code(where.key))
    if where.tensor is not None:
        parts.append(line("tensor ", code(where.tensor)))
    if where.step is not None:
        parts.append(line(f"step {where.step}"))
    return join(", ", parts)


def evidence(item: Evidence, titles: Titles) -> Line:
    """Word one fact: value, what it is, where it was read."""
    value = measured(item.value, item.notation, item.unit)
    shown = code(value) if isinstance(item.value, str) else strong(prose(value))
    about = join(", ", [prose(item.meaning) or code(item.fact), subject(item.subject, titles)])
    note = line(" (", prose(item.note), ")") if item.note else ()
    return join(" · ", [shown, line(about, note), place(item.source) if item.source else ()])


def change(item: Change) -> Line:
    """Word one change in a line, without its reason."""
    if item.op is ChangeOp.ADVISE:
        return capital(item.because)
    if item.op is ChangeOp.REMOVE:
        return line("remove ", code(item.path), ", now ", setting(item.old))
    return line(code(item.path), ": ", setting(item.old), " → ", setting(item.new))


def still_at_fault(plan: NextConfig) -> str:
    """Say that the next run would still be blocked or fail, and by which findings; "" where it would not."""
    faults = plan.stopped_by
    if not faults:
        return ""
    whose = "either of the next configs" if plan.configs else "this config" if not plan.diff else "the next config"
    how = "be blocked" if faults[0].severity is Severity.BLOCKER else "fail"
    named = ", ".join(dict.fromkeys(fault.name for fault in faults))
    return f"{whose} would still {how} ({named})"


def setting(value: Scalar | None) -> Line:
    """Show a config value as the file has it, or say that the key is absent; text that spells a number has quotes."""
    if value is None:
        return line(ABSENT)
    shown = exact(value)
    number = isinstance(value, str) and re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", shown)
    return code(f'"{shown}"' if number else shown)


def new_value(item: Change) -> Line:
    """Show what becomes of a key."""
    return line("removed") if item.op is ChangeOp.REMOVE else setting(item.new)


def threshold(param: Param) -> Line:
    """Show a parameter's value with its unit."""
    unit = line("times") if param.unit == "x" else prose(param.unit)
    return join(" ", [code(exact(param.value)), unit])


def runs(count: int | None) -> str:
    """Say where a threshold comes from: how many reference runs, or none."""
    if count is None:
        return "the trainer's code or arithmetic"
    if count == 0:
        return "a judgement, not measured"
    return "one reference run" if count == 1 else f"{count} reference runs"


def basis_in_short(params: Sequence[Param]) -> str:
    """Say where the least supported of the limits comes from; "" where there is none."""
    counts = [param.runs for param in params if not param.overridden]
    measured_ = [count for count in counts if count is not None]
    if not counts:
        return ""
    least = min(measured_, default=None)
    whose, verb = ("its limit", "is") if len(counts) == 1 else ("its limits", "are")
    return f"{whose} {verb} {'' if least == 0 else 'from '}{runs(least)}"


def basis(params: Sequence[Param]) -> list[Line]:
    """Say where the thresholds come from: each source in a sentence, then what the user set."""
    own = [param for param in params if param.overridden]
    given = [param for param in params if not param.overridden]
    sentences = []
    for count in dict.fromkeys(param.runs for param in given if param.runs is not None):
        same = [param for param in given if param.runs == count]
        verb = ("is" if len(same) == 1 else "are") if count == 0 else "comes from" if len(same) == 1 else "come from"
        sentences.append(line(_named(same), f" {verb} {runs(count)}."))
    if given and not sentences:
        sentences.append(line(f"Threshold taken from {runs(None)}."))
    return [*sentences, *map(set_by_user, own)]


def set_by_user(param: Param) -> Line:
    """Say in a sentence what the user set in place of what."""
    return line("You set ", code(param.name), " to ", threshold(param), in_place_of(param), ".")


def in_place_of(param: Param) -> Line:
    """Say which value the user's replaces; nothing where there was none."""
    return () if param.replaced is None else line(" instead of ", threshold(replace(param, value=param.replaced)))


def _named(params: Sequence[Param]) -> Line:
    names = [line(code(param.name), " = ", threshold(param)) for param in params]
    return line(f"The threshold{'s' if len(names) > 1 else ''} ", join(", ", names))
