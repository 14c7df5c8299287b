"""What a rule shows besides: a declared fact that it does not bind anyway, of a subject that a firing can have.

One with a name of its own is there for a text, a grade or a change; nothing else may need it.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Stage
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.facts import misplaced_subject, unknown_fact
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import placeholders
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.rule import EACH, Reference, Rule
from diagnose.rulebase.walk import bound_conditions, conditions, needed_by


def lint_show(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each fact that no finding could show, that it shows already, or that nothing names."""
    rule = file.rule
    shown = {(condition.fact, condition.subject) for condition in bound_conditions(rule).values()}
    ranges = any(placed.condition.subject == EACH for placed in conditions(rule))
    named = _named(rule)
    for index, each in enumerate(rule.show):
        place = ("show", index)
        entry = words.entries.get(each.fact)
        if (each.fact, each.subject) in shown:
            yield file.fault(place, f"{each.fact} is shown already")
        elif is_conclusion(each.fact):
            yield file.fault((*place, "fact"), f"{each.fact} is a conclusion; a finding shows those as its proof")
        elif entry is None:
            yield from unknown_fact(file, (*place, "fact"), each.fact, words)
        else:
            yield from misplaced_subject(file, (*place, "of"), each.fact, each.subject, entry)
        if each.subject == EACH and not ranges:
            yield file.fault((*place, "of"), "no condition ranges over subjects, so there is no `each`")
        if each.alias is None and rule.stage is Stage.REMEDY:
            yield file.fault(place, "a remedy has no evidence; give `as` and name it, or leave it out")
        elif each.alias is not None and named is not None and each.alias not in named:
            yield file.fault((*place, "as"), f"nothing names {each.alias}; without `as` it stands in the evidence only")
        shown.add((each.fact, each.subject))


def _named(rule: Rule) -> frozenset[str] | None:
    """Every alias that texts, grades and changes name; None where a text cannot be read, which is a fault already."""
    tests = (grade.test for grade in rule.grades)
    named = {grade.alias for grade in rule.grades}
    named |= {test.operand.alias for test in tests if isinstance(test.operand, Reference)}
    try:
        for text in (rule.message, *(change.because for change in rule.changes)):
            named |= {placeholder.name for placeholder in placeholders(text)}
        return frozenset(named.union(*map(needed_by, rule.changes)))
    except ValueError:
        return None
