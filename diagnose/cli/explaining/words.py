"""The words that every explanation shares: one condition, one place, one outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from diagnose.core.model import RUN, Fact, Place, Quality
from diagnose.facts.record import NONE
from diagnose.rulebase.message import format_value
from diagnose.rulebase.registry import FactDeclaration, is_conclusion
from diagnose.rulebase.rule import EACH, Op, Reference, Rule
from diagnose.rulebase.walk import Role
from diagnose.verdict.consult import Consultation
from diagnose.verdict.examine import Asked, ConditionState, Distance, Examined, examine

OPERATORS = {Op.IS: "is", Op.IS_NOT: "is not", Op.IN: "is one of", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
_ROLES = {Role.APPLIES: "valid where ", Role.WHEN: "", Role.ALTERNATIVE: "", Role.UNLESS: "unless "}
_MARKS = {True: "met", False: "failed", None: "unknown"}
_MOST_PLACES = 3

Declarations = Mapping[str, FactDeclaration]


def outcomes(rule: Rule, held: Consultation) -> str:
    """Say what became of a rule in a run, for each subject."""
    tried = examine(held.grounds.rules[rule.id], held.grounds)
    return ", ".join(dict.fromkeys(f"{each.outcome.value}{whom(each.subject, 'for')}" for each in tried))


def proof(examined: Examined, facts: Declarations, depth: int = 0) -> Iterator[str]:
    """Yield how a rule stands for one subject, each condition a line, and below a conclusion the rules behind it."""
    rule = examined.rule
    yield f"{'  ' * depth}{rule.name} ({rule.id}) {examined.outcome.value}{whom(examined.subject, 'for')}:"
    for group, states in groupby(examined.conditions, lambda state: state.group):
        alternatives = list(states)
        deeper = depth
        if group is not None:
            deeper += 1
            yield f"{'  ' * depth}- {_MARKS[_any(alternatives)]}: at least one of"
        for state in alternatives:
            yield f"{'  ' * deeper}- {condition(state, facts)}"
            for behind in state.behind:
                yield from proof(behind, facts, deeper + 1)


def _any(alternatives: Sequence[ConditionState]) -> bool | None:
    met = [state.met for state in alternatives]
    return True if True in met else None if None in met else False


def condition(state: ConditionState, facts: Declarations) -> str:
    """Say in a line what a condition asks, what it found and where, and how far that is from the limit."""
    mark = _MARKS[state.met]
    name = f"{_ROLES[state.role]}{state.fact}{whom(state.subject)}"
    asks = " and ".join(map(_asks, state.asked)) or "is known"
    if state.reads is None or not state.reads.known:
        return f"{mark}: {name} {asks}: {_missing(state, facts)}"
    far = "; ".join(distance(each.distance) for each in state.asked if each.distance is not None)
    unit = f" {state.reads.unit}" if state.reads.unit else ""
    found = f"it is {format_value(state.value)}{unit}"
    where = at(state.places)
    return f"{mark}: {name} {asks}: {', '.join(filter(None, [found, far]))}{f' · {where}' if where else ''}"


def _missing(state: ConditionState, facts: Declarations) -> str:
    declared = facts.get(state.fact)
    if declared is not None:
        return f"it is unknown; provide {declared.provide}"
    return "it is open, as follows" if is_conclusion(state.fact) and state.behind else "it is unknown"


def _asks(asked: Asked) -> str:
    test = asked.test
    if isinstance(asked.limit, tuple):
        if len(asked.limit) == 1:
            return f"is {format_value(asked.limit[0])}"
        return f"{OPERATORS[test.op]} {', '.join(map(format_value, asked.limit))}"
    source = f" ({test.param})" if test.param else ""
    if isinstance(test.operand, Reference):
        times = f" x {test.operand.times:g}" if test.operand.times != 1 else ""
        source = f" ({test.operand.alias}{times})"
    return f"{OPERATORS[test.op]} {format_value(asked.limit)}{source}"


def distance(far: Distance) -> str:
    """Say how far a value is from its limit, and how much of the limit that is."""
    if far.gap == 0:
        return "exactly at the limit"
    side = "above" if far.gap > 0 else "below"
    share = f" ({far.share:.0%} of it)".replace("%", " %") if far.share is not None else ""
    return f"{format_value(abs(far.gap))} {side} the limit{share}"


def whom(subject: str, preposition: str = "of") -> str:
    """Say whom something is about; nothing for the run as a whole, or where there is nobody."""
    return "" if subject in {RUN, EACH, NONE} else f" {preposition} {subject}"


def at(places: tuple[Place, ...]) -> str:
    """Say where a value was read: the first few places."""
    shown = [_place(place) for place in places[:_MOST_PLACES]]
    left = len(places) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left > 0 else "")


def _place(place: Place) -> str:
    if place.line is None and place.key is not None:
        return f"{place}, {place.key}"
    return f"{place}, step {place.step}" if place.line is None and place.step is not None else str(place)


def come_by(fact: Fact) -> str:
    """Say how a value was come by."""
    if fact.quality is Quality.ESTIMATED:
        basis = f"estimated from {fact.samples} observations" if fact.samples is not None else "estimated"
    else:
        basis = fact.quality.value
    return f"{basis}; {fact.note}" if fact.note else basis
