"""Corroborations: each is a declared fact that the rule does not bind anyway, of a subject that a firing can have."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Stage
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.facts import misplaced_subject, unknown_fact
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.rule import EACH
from diagnose.rulebase.walk import bound_conditions, conditions


def lint_also(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each corroboration that no finding could show, or that it shows already."""
    rule = file.rule
    if rule.also and rule.stage is Stage.REMEDY:
        yield file.fault(("also",), "a remedy words no finding, so it has no evidence")
        return
    shown = {(condition.fact, condition.subject) for condition in bound_conditions(rule).values()}
    ranges = any(placed.condition.subject == EACH for placed in conditions(rule))
    for index, each in enumerate(rule.also):
        place = ("also", index)
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
        shown.add((each.fact, each.subject))
