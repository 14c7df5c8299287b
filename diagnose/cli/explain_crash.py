"""A kind of crash, explained: what it means, its words, what helps, and whether a run ended so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.crash_kinds import CrashKind, KindAdvice, KindEnd, Near
from diagnose.rulebase.domain import ANY
from diagnose.sources.console_text.line import LONGEST_SHOWN

if TYPE_CHECKING:
    from diagnose.verdict.consult import Consultation

_ENDS = {
    KindEnd.DIED: "the run died",
    KindEnd.KILLED: "the system took the process",
    KindEnd.STOPPED: "somebody stopped it, no fault",
    KindEnd.NONE: "no end: the trainer goes on",
}


def crash_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield what is known of a kind of crash."""
    kind = base.knowledge.crashes[name]
    yield f"{name} (a kind of crash): {kind.title}\n{kind.means}"
    ran_out = f"; it ran out of {kind.runs_out_of.value}" if kind.runs_out_of is not None else ""
    yield f"\nHow it ends: {_ENDS[kind.ends]}{ran_out}. How sure the words are: {kind.sure.value}."
    if ANY not in kind.trainers:
        yield f"Trainers: {', '.join(kind.trainers)}."
    if kind.phases:
        yield f"Only {' or '.join(base.knowledge.phases[phase].says for phase in kind.phases)}."
    yield "\nThe console says (any of them, as regular expressions):"
    yield from (f"- {pattern}" for pattern in kind.signatures)
    yield from (f"- and not: {pattern}" for pattern in kind.excluded)
    yield from (f"- near it{_role(near)}: {near.pattern}" for near in kind.near)
    if kind.advice:
        yield "\nWhat to do, the cheapest first:"
        yield from (f"- {each.say}{_whom(each, base)}" for each in kind.advice)
    if kind.versions:
        yield "\nVersions:"
        yield from (f"- {each.words} ({each.source})" for each in kind.versions)
    yield from _others(kind, base)
    yield f"\nSources: {'; '.join(kind.sources)}."
    if held is not None:
        yield from _in_run(kind, held)


def _role(near: Near) -> str:
    if near.needs:
        return " (needed)"
    return f" (then {near.sure.value})" if near.sure is not None else ""


def _whom(advice: KindAdvice, base: RuleBase) -> str:
    parts = [*advice.trainers, *(base.knowledge.phases[phase].says for phase in advice.phases)]
    parts += [system.value for system in advice.systems]
    return f" ({', '.join(parts)})" if parts else ""


def _others(kind: CrashKind, base: RuleBase) -> Iterator[str]:
    """Yield which kinds and rules go with this one."""
    behind = [each.id for each in base.knowledge.crashes.values() if kind.id in each.before]
    if kind.before:
        yield f"\nWhere both match, it goes before: {', '.join(kind.before)}."
    if behind:
        yield f"\nWhere both match, these go before it: {', '.join(behind)}."
    if kind.told_by:
        yield f"\nIts cause, where they fire: {', '.join(kind.told_by)}."


def _in_run(kind: CrashKind, held: Consultation) -> Iterator[str]:
    ended = held.known.evidence.ended
    if ended is None:
        yield "\nThis run has no console that shows how it ended."
    elif ended.match is not None and ended.match.kind.id == kind.id:
        when = f" {ended.phase_says}" if ended.phase_says else ""
        values = f" ({', '.join(ended.shown)})" if ended.shown else ""
        line = ended.match.line
        yield f"\nIn this run: it ended so{when}{values}, at line {line.number}: {line.text[:LONGEST_SHOWN]}"
        yield from (f"- {each.known.named}: read {each.read}, {each.fit.value}" for each in ended.versions if each.read)
    else:
        other = f"; it was {ended.match.kind.id}" if ended.match is not None else ""
        yield f"\nIn this run: it did not end so{other}."
