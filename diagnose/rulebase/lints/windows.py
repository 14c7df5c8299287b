"""Tests that no value can pass together: a rule that can never fire is a slip, not a rule."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.rulebase.comparison import is_number, literals, passes
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import format_value
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import Op, Reference, Test
from diagnose.rulebase.walk import BINDING, Role, conditions


def lint_windows(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault where what must hold of one fact excludes itself."""
    required: dict[tuple[str, str], list[Test]] = {}
    for placed in conditions(file.rule):
        condition = placed.condition
        earlier = required.setdefault((condition.fact, condition.subject), [])
        tests = [test for test in condition.tests if not isinstance(test.operand, Reference)]
        together = tests if placed.role is Role.UNLESS else [*earlier, *tests]
        if tests and not _possible(together):
            said = " and ".join(map(_worded, together))
            yield file.fault(placed.path, f"no value of {condition.fact} can be {said}")
        elif placed.role in BINDING:
            earlier.extend(tests)


def _possible(tests: list[Test]) -> bool:
    """Whether some value passes every test; none of them is a reference."""
    for test in tests:
        if test.op in {Op.IS, Op.IN}:
            return any(all(passes(other, member, {}) for other in tests) for member in literals(test))
    lows = _limits(tests, {Op.GT, Op.GE})
    highs = _limits(tests, {Op.LT, Op.LE})
    if not lows or not highs:
        return True
    low, high = max(lows), min(highs)
    return low < high or (low == high and all(passes(test, low, {}) for test in tests))


def _limits(tests: list[Test], ops: set[Op]) -> list[float]:
    return [test.operand for test in tests if test.op in ops and is_number(test.operand)]


def _worded(test: Test) -> str:
    return f"{test.op.value} {' or '.join(map(format_value, literals(test)))}"
