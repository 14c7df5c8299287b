"""The conditions of a rule against each other: stages, aliases, and tests that no value can pass together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnose.core.errors import nearest
from diagnose.core.values import Severity, Stage
from diagnose.rulebase.comparison import is_number, literals, passes, told
from diagnose.rulebase.fact_declarations import is_conclusion
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import SUBJECT
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import Op, Reference, Rule, Test
from diagnose.rulebase.walk import BINDING, Role, conditions, named_facts


def lint_stages(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault where a rule has what its stage has not, or reads a conclusion that is not there yet."""
    rule, stage = file.rule, file.rule.stage.value
    yield from (file.fault((key,), text) for key, text in _misfits(rule))
    for index, name in enumerate(rule.derives):
        drawn = Stage(name.partition(".")[0])
        if rule.stage is not Stage.REMEDY and drawn.rank < rule.stage.rank:
            yield file.fault(("derives", index), f"a {stage} derives {stage}.NAME or what comes later, not {name}")
    for condition, _, path in conditions(rule):
        fact = condition.fact
        if is_conclusion(fact) and Stage(fact.partition(".")[0]).rank >= rule.stage.rank:
            yield file.fault((*path, "fact"), f"a {stage} reads conclusions of earlier stages only, not {fact}")


def _misfits(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the key and what is wrong where a rule lacks what its stage needs, or has what it has no use for."""
    if rule.stage is Stage.REMEDY:
        if rule.severity is not None:
            yield "severity", "a remedy words no finding, so it has no severity"
        if rule.grades:
            yield "grades", "a remedy words no finding, so it has no grades"
        if rule.derives:
            yield "derives", "a remedy is the last stage; nobody could read what it derives"
        if not rule.changes:
            yield "stage", "a remedy needs changes"
        return
    if rule.severity is None:
        yield "stage", f"a {rule.stage.value} needs a severity"
    if not rule.message:
        yield "stage", f"a {rule.stage.value} needs a message"
    if rule.severity is Severity.GOOD and rule.changes:
        yield "changes", "what is good needs no change"


def lint_references(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each alias that is taken twice, or named where it is not bound."""
    seen: set[str] = set()
    bound: set[str] = set()
    for condition, role, path in conditions(file.rule):
        alias = condition.alias
        if alias in seen or alias == SUBJECT:
            yield file.fault((*path, "as"), f"the alias {alias} is taken; give another with `as`")
        yield from _unbound(file, path, condition.tests, bound)
        seen.add(alias)
        if role in BINDING:
            bound.add(alias)
    for index, each in enumerate(file.rule.show):
        if each.alias in seen or each.alias == SUBJECT:
            yield file.fault(("show", index, "as"), f"the alias {each.alias} is taken; give another with `as`")
        if each.alias is not None:
            seen.add(each.alias)


def lint_uses(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each alias that a grade or a change names and no firing binds."""
    bound = set(named_facts(file.rule))
    for index, grade in enumerate(file.rule.grades):
        if grade.alias not in bound:
            yield _fault(file, ("grades", index, "of"), grade.alias, bound)
        yield from _unbound(file, ("grades", index), (grade.test,), bound)
    for index, change in enumerate(file.rule.changes):
        if change.fact is not None and change.fact not in bound:
            yield _fault(file, ("changes", index, "fact"), change.fact, bound)


def _unbound(file: RuleFile, path: KeyPath, tests: Iterable[Test], bound: set[str]) -> Iterator[Fault]:
    for test in tests:
        if isinstance(test.operand, Reference) and test.operand.alias not in bound:
            yield _fault(file, (*path, test.op.value), test.operand.alias, bound)


def _fault(file: RuleFile, path: KeyPath, alias: str, bound: set[str]) -> Fault:
    hint = nearest(alias, bound) or f"; there are {', '.join(sorted(bound)) or 'none'}"
    return file.fault(path, f"no earlier condition has the alias {alias}{hint}")


def lint_windows(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault where what must hold of one fact excludes itself."""
    required: dict[tuple[str, str], list[Test]] = {}
    for condition, role, path in conditions(file.rule):
        earlier = required.setdefault((condition.fact, condition.subject), [])
        tests = [test for test in condition.tests if not isinstance(test.operand, Reference)]
        together = tests if role is Role.UNLESS else [*earlier, *tests]
        if tests and not _possible(together):
            said = " and ".join(map(told, together))
            yield file.fault(path, f"no value of {condition.fact} can be {said}")
        elif role in BINDING:
            earlier.extend(tests)


def _possible(tests: list[Test]) -> bool:
    """Whether some value passes every test; none of them is a reference."""
    for test in tests:
        if test.op in {Op.IS, Op.IN}:
            return any(all(passes(other, member, {}) for other in tests) for member in literals(test))
    lows = _bounds_of(tests, {Op.GT, Op.GE})
    highs = _bounds_of(tests, {Op.LT, Op.LE})
    if not lows or not highs:
        return True
    low, high = max(lows), min(highs)
    return low < high or (low == high and all(passes(test, low, {}) for test in tests))


def _bounds_of(tests: list[Test], ops: set[Op]) -> list[float]:
    return [test.operand for test in tests if test.op in ops and is_number(test.operand)]
