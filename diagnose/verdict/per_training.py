"""Rules for a pair of runs: what a rule asks of a training it asks of each, and all of it of the same one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from diagnose.core.values import RUN, Stage
from diagnose.rulebase.fact_declarations import FactDeclaration, SubjectKind
from diagnose.rulebase.rule import EACH, AnyOf, Clause, Condition, Reference, Rule
from diagnose.rulebase.walk import conditions


def per_training(
    rules: Iterable[Rule], declarations: Mapping[str, FactDeclaration], trainings: Collection[str]
) -> tuple[Rule, ...]:
    """Return the rules as they are for several trainings, each called by the expert that it trains.

    * A rule that asks something of the run's training is tried for each training, and its conclusions are of that one.
    * Where it names an expert as well, it asks it of that expert's training; where it names several, of all of theirs.
    * Where its `each` stands for something else, a key or a data set, nobody knows of which training that is: what it
      asks of the training is left open.
    """
    of_one = {name for name, each in declarations.items() if each.subject is SubjectKind.TRAINING}
    found: dict[str, Rule] = {}
    rules = tuple(rules)
    for stage in Stage:
        own = [
            (rule, _bound(rule, frozenset(of_one), declarations, trainings)) for rule in rules if rule.stage is stage
        ]
        found |= {bound.id: bound for _, bound in own}
        of_one |= {
            name
            for rule, bound in own
            if bound is not rule and any(each.condition.subject == EACH for each in conditions(bound))
            for name in bound.derives
        }
    return tuple(found[rule.id] for rule in rules)


def _bound(
    rule: Rule, of_one: frozenset[str], declarations: Mapping[str, FactDeclaration], trainings: Collection[str]
) -> Rule:
    """Return the rule with what it asks of the run's training asked of one training, or of several in turn.

    `of_one`: the facts and conclusions that are about one training.
    """
    every = [each.condition for each in conditions(rule)]
    asked = frozenset(each.alias for each in every if each.fact in of_one and each.subject == RUN)
    ranged = {each.fact for each in every if each.subject == EACH}
    kinds = {declarations[fact].subject for fact in ranged if fact in declarations}
    if not asked or kinds - {SubjectKind.EXPERT}:
        return rule
    named = sorted({each.subject for each in every} & set(trainings))
    whom = [EACH] if ranged or not named else named

    def turned(condition: Condition, subject: str) -> Condition:
        """Return a condition as it is asked of a training; from the second one on under an alias of its own."""
        about = subject if condition.alias in asked else condition.subject
        if subject == whom[0]:
            return replace(condition, subject=about)
        tests = []
        for test in condition.tests:
            operand = test.operand
            if isinstance(operand, Reference) and operand.alias in asked:
                operand = replace(operand, alias=f"{operand.alias}_{subject}")
            tests.append(replace(test, operand=operand))
        return Condition(condition.fact, about, tuple(tests), f"{condition.alias}_{subject}")

    def of_each(condition: Condition) -> list[Condition]:
        return [turned(condition, subject) for subject in whom] if condition.alias in asked else [condition]

    when: list[Clause] = []
    for clause in rule.when:
        if isinstance(clause, Condition):
            when += of_each(clause)
        elif asked.isdisjoint(each.alias for each in clause.alternatives):
            when.append(clause)
        else:
            when += [AnyOf(tuple(turned(each, subject) for each in clause.alternatives)) for subject in whom]
    return replace(
        rule,
        applies=tuple(each for condition in rule.applies for each in of_each(condition)),
        when=tuple(when),
        unless=tuple(each for condition in rule.unless for each in of_each(condition)),
        show=tuple(
            replace(each, subject=whom[0]) if each.subject == RUN and each.fact in of_one else each
            for each in rule.show
        ),
    )
