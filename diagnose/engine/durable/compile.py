"""Rules to the C engine's rulesets, within the subset in which the engine makes no error.

A rule becomes one engine rule for each way it can hold, its variants: the gate; the subject it is tried for;
values that references need; its conditions; last its negations. Each `unless` is a negation of every way it can
hold and one of the word that its fact is unknown. One fact may fill several patterns of a rule (`dist` 0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import TypeAlias

from msgspec import Struct

from diagnose.core.errors import EngineError
from diagnose.engine.durable.encode import KNOWN, UNKNOWN, Node, to_json
from diagnose.engine.durable.patterns import GATE, Branch, Targets, branches, pattern, subject_pattern
from diagnose.engine.durable.subset import GATE_RULE, MAX_PATTERNS, MAX_POSITIVES, check
from diagnose.engine.plan import Plan, references

MAX_VARIANTS = 1000
"""Of one rule: more are a slip in it, such as membership of a long list tested twice."""


class Variant(Struct, frozen=True):
    """One engine rule, and the names of the facts and rules whose messages it reads."""

    name: str
    positives: list[Node]
    negations: list[Node]
    reads: frozenset[str]


Ruleset: TypeAlias = tuple[str, frozenset[str]]
"""Its JSON text, and the names of the facts and rules whose messages it reads."""


def compile_rules(plans: Sequence[Plan]) -> Iterator[Ruleset]:
    """Return the rulesets of one stage. Each is written and checked when it is asked for: the engine need not wait.

    The engine rule `r3v0` is variant 0 of the plan at index 3, and its pattern `c5` binds the positive condition
    at index 5 of that plan.

    Raises:
        EngineError: a rule does not fit the subset.
    """
    packs: list[list[Variant]] = []
    room = 0
    for variant in (variant for index, plan in enumerate(plans) for variant in _variants(index, plan)):
        size = len(variant.positives) + len(variant.negations)
        if size > room:
            packs.append([])
            room = MAX_PATTERNS - 1
        packs[-1].append(variant)
        room -= size
    return map(_ruleset, packs)


def _ruleset(variants: Sequence[Variant]) -> Ruleset:
    rules: dict[str, Node] = {GATE_RULE: {"all": [GATE]}}
    rules |= {v.name: {"dist": 0, "all": [*v.positives, *v.negations]} for v in variants}
    text = to_json(rules)
    check(text)
    return text, frozenset().union(*(variant.reads for variant in variants))


def _variants(index: int, plan: Plan) -> Iterator[Variant]:
    targets, values = _targets(plan)
    opening = [GATE, *([subject_pattern(plan.rule)] if plan.each else []), *values]
    negations = _negations(plan, targets)
    names = {condition.alias: f"c{n}" for n, condition in enumerate(plan.positives)}
    ways = [[(c, branch) for c in clause for branch in branches(c, targets)] for clause in plan.clauses]
    if prod(map(len, ways)) > MAX_VARIANTS:
        raise EngineError(f"rule {plan.rule} can hold in more than {MAX_VARIANTS} ways; the engine takes no more")
    reads = frozenset({plan.rule, *(condition.fact for condition in plan.conditions)})
    for number, way in enumerate(product(*ways)):
        constant_first = sorted(way, key=lambda choice: bool(choice[1].joins))
        positives = [*opening, *(pattern(names[c.alias], KNOWN, c, branch) for c, branch in constant_first)]
        if len(positives) > MAX_POSITIVES or len(positives) + len(negations) >= MAX_PATTERNS:
            raise EngineError(f"rule {plan.rule} has more conditions than the engine takes")
        yield Variant(f"r{index}v{number}", positives, negations, reads)


def _targets(plan: Plan) -> tuple[Targets, list[Node]]:
    """Return the pattern that stands for each alias a reference may name, and those that exist only for that.

    A condition that always holds in a firing and has no reference of its own can be joined as it is.
    """
    plain = {
        condition.alias: f"c{n}"
        for n, condition in enumerate(plan.positives)
        if condition.alias in plan.targets and not references(condition)
    }
    named = dict.fromkeys(ref.alias for condition in plan.conditions for ref in references(condition))
    added = {alias: f"v{n}" for n, alias in enumerate(named) if alias not in plain}
    values = [pattern(name, KNOWN, plan.targets[alias], Branch()) for alias, name in added.items()]
    return plain | added, values


def _negations(plan: Plan, targets: Targets) -> list[Node]:
    forbidden = [
        (kind, condition, branch)
        for condition in plan.unless
        for kind, ways in ((KNOWN, branches(condition, targets)), (UNKNOWN, [Branch()]))
        for branch in ways
    ]
    return [pattern(f"z{n}$not", *parts) for n, parts in enumerate(forbidden)]
