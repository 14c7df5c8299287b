"""What a rule shows besides: a declared fact that it does not bind anyway, of a subject that a firing can have.

One with a name of its own is there for a text, a grade or a change. The other way round, no condition is there for the
words alone: a figure that cannot be told is no reason to say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.core.model import Stage
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.facts import misplaced_subject, unknown_fact
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import placeholders
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.rule import EACH, Reference, Rule
from diagnose.rulebase.walk import BINDING, Role, bound_conditions, conditions, needed_by, needed_values


def lint_show(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each fact that no finding could show, that it shows already or that nothing names.

    And for each condition that should be shown instead.
    """
    yield from _for_the_words_alone(file)
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
            yield from misplaced_subject(file, (*place, "of"), each.fact, each.subject, words)
        if each.subject == EACH and not ranges:
            yield file.fault((*place, "of"), "no condition ranges over subjects, so there is no `each`")
        if each.alias is None and rule.stage is Stage.REMEDY:
            yield file.fault(place, "a remedy has no evidence; give `as` and name it, or leave it out")
        elif each.alias is not None and named is not None and each.alias not in named:
            yield file.fault((*place, "as"), f"nothing names {each.alias}; without `as` it stands in the evidence only")
        shown.add((each.fact, each.subject))


def _for_the_words_alone(file: RuleFile) -> Iterator[Fault]:
    """Yield a fault for each condition that asks nothing, where no test, change or alternative needs its value."""
    try:
        needed = needed_values(file.rule)
    except ValueError:  # the lint of the wording reports it
        return
    asked = {
        (each.condition.fact, each.condition.subject) for each in conditions(file.rule) if each.role not in BINDING
    }
    for placed in conditions(file.rule):
        condition = placed.condition
        alone = not condition.tests and placed.role is Role.WHEN and condition.alias not in needed
        if alone and (condition.fact, condition.subject) not in asked:
            text = f"nothing is asked of {condition.fact}, so it is for the words alone: give it under show"
            yield file.fault(placed.path, text)


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
