"""Rules for a pair of runs: what a rule asks of a training it asks of each, and all of it of the same one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import RUN, Stage
from diagnose.rulebase.fact_declarations import FactDeclaration, SubjectKind
from diagnose.rulebase.rule import EACH, AnyOf, Clause, Condition, Operand, Reference, Rule


def per_training(
    rules: Iterable[Rule], declarations: Mapping[str, FactDeclaration], trainings: Collection[str]
) -> tuple[Rule, ...]:
    """Return the rules as they are for several trainings, each called by the expert that it trains.

    * A rule that asks something of the run's training is tried for each training, and its conclusions are of that one.
    * Where it names an expert as well, it asks it of that expert's training; where it names several, of all of theirs.
    * Where its `each` stands for something else, a key or a data set, nobody knows of which training that is: what it
      asks of the training is left open.
    """
    of_one: set[str] = {name for name, each in declarations.items() if each.subject is SubjectKind.TRAINING}
    found: dict[str, Rule] = {}
    rules = tuple(rules)
    for stage in Stage:
        names = _Names(declarations, frozenset(of_one), trainings)
        own = [(rule, _bound(rule, names)) for rule in rules if rule.stage is stage]
        found |= {bound.id: bound for _, bound in own}
        of_one |= {name for rule, bound in own if bound is not rule and _ranges(bound) for name in bound.derives}
    return tuple(found[rule.id] for rule in rules)


class _Names(Struct, frozen=True):
    """What is declared, which names are of one training, and what the trainings are called."""

    declarations: Mapping[str, FactDeclaration]
    of_one: frozenset[str]
    trainings: Collection[str]

    def asks_training(self, condition: Condition) -> bool:
        return condition.fact in self.of_one and condition.subject == RUN


def _bound(rule: Rule, names: _Names) -> Rule:
    every = [*rule.applies, *rule.unless, *(each for clause in rule.when for each in _alternatives(clause))]
    if not any(names.asks_training(condition) for condition in every):
        return rule
    ranged = {condition.fact for condition in every if condition.subject == EACH}
    kinds = {names.declarations[fact].subject for fact in ranged if fact in names.declarations}
    if kinds - {SubjectKind.EXPERT}:
        return rule
    named = sorted({condition.subject for condition in every} & set(names.trainings))
    whom = [EACH] if ranged or not named else named
    asked = _Asked(names, whom, frozenset(each.alias for each in every if names.asks_training(each)))
    return replace(
        rule,
        applies=tuple(each for condition in rule.applies for each in asked.conditions(condition)),
        when=tuple(each for clause in rule.when for each in asked.clauses(clause)),
        unless=tuple(each for condition in rule.unless for each in asked.conditions(condition)),
        show=tuple(
            replace(each, subject=whom[0]) if each.subject == RUN and each.fact in names.of_one else each
            for each in rule.show
        ),
    )


class _Asked(Struct, frozen=True):
    """Whom what is asked of a training is asked of: one subject, or several in turn."""

    names: _Names
    whom: Collection[str]
    aliases: frozenset[str]

    def conditions(self, condition: Condition) -> list[Condition]:
        if not self.names.asks_training(condition):
            return [condition]
        return [self._of(condition, index, subject) for index, subject in enumerate(self.whom)]

    def clauses(self, clause: Clause) -> list[Clause]:
        if isinstance(clause, Condition):
            return list(self.conditions(clause))
        if not any(map(self.names.asks_training, clause.alternatives)):
            return [clause]
        return [
            AnyOf(tuple(self._of(each, index, subject) for each in clause.alternatives))
            for index, subject in enumerate(self.whom)
        ]

    def _of(self, condition: Condition, index: int, subject: str) -> Condition:
        asked = subject if self.names.asks_training(condition) else condition.subject
        if not index:
            return replace(condition, subject=asked)
        tests = tuple(replace(test, operand=self._operand(test.operand, subject)) for test in condition.tests)
        return Condition(condition.fact, asked, tests, f"{condition.alias}_{subject}")

    def _operand(self, operand: Operand, subject: str) -> Operand:
        if isinstance(operand, Reference) and operand.alias in self.aliases:
            return replace(operand, alias=f"{operand.alias}_{subject}")
        return operand


def _alternatives(clause: Clause) -> tuple[Condition, ...]:
    return clause.alternatives if isinstance(clause, AnyOf) else (clause,)


def _ranges(rule: Rule) -> bool:
    every = (*rule.applies, *rule.unless, *(each for clause in rule.when for each in _alternatives(clause)))
    return any(condition.subject == EACH for condition in every)
