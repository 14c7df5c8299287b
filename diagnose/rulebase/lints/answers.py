"""What to do about a finding: one that is major or worse leaves nobody without a change, an advice or a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.core.model import Severity, Stage
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.walk import Role, conditions


def lint_answers(files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each rule whose finding may be major or worse and that nothing answers.

    A finding is answered by its own changes, or through its conclusions by a remedy or by a cause that is answered
    itself. All files must be there: any of them may answer another.
    """
    answered: set[str] = set()
    order = list(Stage)
    for file in sorted(files, key=lambda file: order.index(file.rule.stage), reverse=True):
        rule = file.rule
        if rule.changes or answered & set(rule.derives):
            answered.update(_asked_for(rule))
        elif _grave(rule):
            text = (
                "a finding as grave as this needs an answer: give changes (op advise for what no key does), or derive"
            )
            yield file.fault(("severity",), f"{text} a conclusion that a remedy reads")


def _grave(rule: Rule) -> bool:
    severities = [rule.severity, *(grade.severity for grade in rule.grades)]
    return any(each is not None and each.rank <= Severity.MAJOR.rank for each in severities)


def _asked_for(rule: Rule) -> Iterator[str]:
    return (each.condition.fact for each in conditions(rule) if each.role is not Role.UNLESS)
