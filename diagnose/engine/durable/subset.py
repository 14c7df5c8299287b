"""The subset of durable-rules in which it makes no error, as a check on every ruleset before the engine sees it.

Outside it the engine reads past its arrays, decides negations too early, or loses facts in silence. The check
reads the JSON text that the engine will read, and shares no code with what wrote it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from diagnose.core.errors import EngineError

MAX_PATTERNS = 40
"""In a ruleset. The engine hangs beyond 512 first tests, and drops a fact that passes more than 64 at once."""
MAX_POSITIVES = 16
"""In a rule: as many messages as the engine's match can hold."""
MAX_JOINS = 28
"""In a pattern, besides the last: the engine's list has 32 places, two of them for brackets."""

GATE_RULE = "__gate__"
GATE = {"g": {"$and": [{"kind": "__GO__"}, {"$ex": {"one": 1.0}}]}}
TRUE = {"$gte": {"one": {"g": "one"}}}
SIGNS = ("$lt", "$lte", "$gt", "$gte", "$neq")
TEXTS = ("kind", "name", "subject", "type", "value")
NUMBERS = ("one", "number")
DOUBLE = re.compile(r"-?\d+\.\d+(e[+-]?\d+)?")


def check(ruleset: str) -> None:
    """Hold the JSON text of one ruleset to the subset.

    Raises:
        EngineError: it leaves the subset, which is a bug of the compiler.
    """
    rules = json.loads(ruleset, parse_float=_double)
    _demand(
        next(iter(rules)) == GATE_RULE and rules.pop(GATE_RULE) == {"all": [GATE]},
        "the gate has a rule, the first",
    )
    _demand(
        1 + sum(len(rule["all"]) for rule in rules.values()) <= MAX_PATTERNS,
        f"a ruleset has at most {MAX_PATTERNS} patterns",
    )
    for rule in rules.values():
        _demand(list(rule) == ["dist", "all"] and rule["dist"] == 0, "a rule has dist 0 and all")
        _check_rule(rule["all"])


def _double(text: str) -> float:
    _demand(DOUBLE.fullmatch(text) is not None, "a number has a point", text)
    return float(text)


def _check_rule(patterns: list[Any]) -> None:
    _demand(patterns[0] == GATE, "every rule starts with the gate")
    aliases = [alias for pattern in patterns for alias in pattern]
    negated = [alias.endswith("$not") for alias in aliases]
    _demand(len(set(aliases)) == len(patterns), "every pattern has one alias of its own")
    _demand(negated == sorted(negated), "negations come last")
    _demand(negated.count(False) <= MAX_POSITIVES, f"a rule binds at most {MAX_POSITIVES} messages")
    for place, pattern in enumerate(patterns[1:], start=1):
        body = pattern[aliases[place]]
        _demand(list(body) == ["$and"], "a pattern is one conjunction")
        _check_pattern(body["$and"], aliases[: min(place, negated.count(False))])


def _check_pattern(tests: list[Any], bound: list[str]) -> None:
    _demand(tests[-1] == TRUE, "every pattern ends with the test that is always true")
    _demand([next(iter(test)) for test in tests[:2]] == ["kind", "name"], "kind and name are tested first")
    joins = [test == TRUE or _check_test(test, bound) for test in tests]
    _demand(joins == sorted(joins), "constants are tested before joins")
    _demand(sum(joins) - 1 <= MAX_JOINS, f"a pattern has at most {MAX_JOINS} joins")


def _check_test(test: dict[str, Any], bound: list[str]) -> bool:
    """Return whether the test is a join, and hold it to the fixed schema."""
    sign, inner = _only(test)
    name, operand = _only(inner) if sign in SIGNS else (sign, inner)
    _demand(name in TEXTS or name in NUMBERS, "a test reads a property of the messages", name)
    if not isinstance(operand, dict):
        _demand(isinstance(operand, str if name in TEXTS else float), "a constant has its property's type", name)
        return False
    alias, other = _only(operand)
    if alias == "$mul":
        _demand(list(other) == ["$l", "$r"] and isinstance(other["$r"], float), "a product is value times double")
        _demand(sign not in NUMBERS, "products are not tested for equality")
        alias, other = _only(other["$l"])
    _demand(alias in bound, "a join reads an earlier pattern", alias)
    _demand(other == name, "a property is joined with its like", name)
    return True


def _only(node: dict[str, Any]) -> tuple[str, Any]:
    if len(node) != 1:  # asked twice for each test, so that a call less counts
        _demand(holds=False, rule="a test has one comparison")
    ((name, operand),) = node.items()
    return name, operand


def _demand(holds: bool, rule: str, culprit: str = "") -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise EngineError(f"a ruleset leaves the safe subset of durable-rules, in which {rule}: {culprit!r}")
