"""From a rule's shape to the frozen `Rule`: parameters resolved, aliases filled in.

Nothing is judged beyond that; the lints do the rest.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from diagnose.core.values import RUN, Scalar
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.message import placeholders
from diagnose.rulebase.reading.conditions import Conditions, ConditionShape
from diagnose.rulebase.reading.parameter_files import param_of
from diagnose.rulebase.reading.schema import AnyShape, CaseShape, RuleShape
from diagnose.rulebase.reading.shapes import frozen
from diagnose.rulebase.rule import AnyOf, Case, ChangeSpec, Clause, Condition, Grade, Param, Rule, Shown
from diagnose.rulebase.yaml_places import Document


class RuleFile(Struct, frozen=True):
    """A rule with the file it came from, which knows the line of every part."""

    rule: Rule
    document: Document

    @property
    def path(self) -> Path:
        """Its file."""
        return Path(self.document.file)

    def fault(self, path: KeyPath, text: str) -> Fault:
        """Return a fault of the part at `path`, which the text names."""
        return self.document.fault(path, text)


def build(shape: RuleShape, document: Document, shared: Mapping[str, Param], local: Mapping[str, Param]) -> RuleFile:
    """Return the rule; each `$name` that is no parameter and each parameter without use is noted in its file.

    `shared` are the parameters of the knowledge, overrides applied; `local` the rules' own that the user set, by
    "rule-name.parameter".
    """
    own = {name: local.get(f"{shape.name}.{name}", param_of(name, each)) for name, each in shape.params.items()}
    params = {**shared, **own}
    read = Conditions(document, params)
    clauses = _Clauses(shape, read)
    applies = [clauses.condition(("applies", i), each) for i, each in enumerate(shape.applies)]
    when = [clauses.clause(("when", i), each) for i, each in enumerate(shape.when)]
    unless = [clauses.condition(("unless", i), each, inner=True) for i, each in enumerate(shape.unless)]
    grades = [
        Grade(each.severity, each.of, *read.tests(("grades", index), each)) for index, each in enumerate(shape.grades)
    ]
    changes = []
    for index, change in enumerate(shape.changes):
        value = None if change.value is None else read.value(("changes", index, "value"), change.value)[0]
        changes.append(frozen(ChangeSpec, change, value=value))
    for text in (
        shape.message,
        shape.headline,
        *(part for each in changes for part in (each.because, each.setting, each.entry)),
    ):
        read.used |= _named_in(text, params)
    for name in own:
        if name in shared:
            document.note(("params", name), "this is a shared parameter; use that, or take another name")
        if name not in read.used:
            document.note(("params", name), "nothing in the rule uses it")
    rule = frozen(
        Rule,
        shape,
        intents=shape.intent,
        grades=grades,
        params=[params[name] for name in sorted(read.used | own.keys())],
        applies=applies,
        when=when,
        unless=unless,
        show=[Shown(each.fact, each.of, each.as_) for each in shape.show],
        changes=changes,
        cases=[_case(each, shape.base) for each in shape.tests],
    )
    return RuleFile(rule, document)


def default_alias(fact: str, subject: str) -> str:
    """Return the alias of a condition that gives none: weights.magnitude of high is magnitude_high."""
    last = fact.rpartition(".")[2]
    return last if subject == RUN else f"{last}_{re.sub('[^a-z0-9]+', '_', subject.lower())}"


class _Clauses:
    """Reads the clauses of a rule and gives each condition an alias.

    Nothing can refer to a condition under `any` or `unless`, so one without an alias gets any that is free.
    """

    def __init__(self, shape: RuleShape, read: Conditions) -> None:
        self._read = read
        bound = [*shape.applies, *(clause for clause in shape.when if isinstance(clause, ConditionShape))]
        inner = [each for clause in shape.when if isinstance(clause, AnyShape) for each in clause.any]
        self._taken = {each.as_ or default_alias(each.fact, each.of) for each in bound}
        self._taken |= {each.as_ for each in (*inner, *shape.unless) if each.as_}
        self._taken |= {each.as_ for each in shape.show if each.as_}

    def clause(self, path: KeyPath, shape: AnyShape | ConditionShape) -> Clause:
        if isinstance(shape, ConditionShape):
            return self.condition(path, shape)
        each = enumerate(shape.any)
        return AnyOf(tuple(self.condition((*path, "any", index), one, inner=True) for index, one in each))

    def condition(self, path: KeyPath, shape: ConditionShape, *, inner: bool = False) -> Condition:
        alias = shape.as_ or default_alias(shape.fact, shape.of)
        if inner and not shape.as_:
            free = (f"{alias}_{count}" for count in itertools.count(2))
            alias = next(each for each in itertools.chain([alias], free) if each not in self._taken)
            self._taken.add(alias)
        return self._read.condition(path, shape, alias)


def _named_in(text: str, params: Mapping[str, Param]) -> set[str]:
    try:
        return {each.name[1:] for each in placeholders(text) if each.name.startswith("$")} & params.keys()
    except ValueError:  # the lint of the wording reports it
        return set()


def _case(shape: CaseShape, base: Mapping[str, Scalar | None]) -> Case:
    given = {fact_and_subject(key): value for key, value in (*base.items(), *shape.given.items())}
    return frozen(Case, shape.expect, name=shape.name, given=[(*key, value) for key, value in given.items()])


def fact_and_subject(key: str) -> tuple[str, str]:
    """Return the fact and the subject that a case gives by `fact` or `fact@subject`."""
    fact, _, subject = key.partition("@")
    return fact, subject or RUN
