"""From a rule's shape to the frozen `Rule`: parameters resolved, aliases filled in.

Nothing is judged beyond that; the lints do the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from diagnose.core.values import RUN, Scalar
from diagnose.rulebase.fact_declarations import is_conclusion
from diagnose.rulebase.faults import Fault, KeyPath, dotted
from diagnose.rulebase.message import placeholders
from diagnose.rulebase.parameters import resolve
from diagnose.rulebase.reading.parameter_files import param_of
from diagnose.rulebase.reading.schema import (
    AnyShape,
    CaseShape,
    ChangeShape,
    ConditionShape,
    GradeShape,
    ReferenceShape,
    RuleShape,
    Written,
)
from diagnose.rulebase.rule import (
    AnyOf,
    Case,
    ChangeSpec,
    Clause,
    Condition,
    Grade,
    Op,
    Param,
    Reference,
    Rule,
    Shown,
    Test,
)
from diagnose.rulebase.yaml_places import Document


class RuleFile(Struct, frozen=True):
    """A rule with the file it came from, which knows the line of every part."""

    rule: Rule
    document: Document

    def fault(self, path: KeyPath, text: str) -> Fault:
        """Return a fault of the part at `path`, which the text names."""
        return self.document.fault(path, f"{dotted(path)}: {text}" if path else text)


def build(
    shape: RuleShape, document: Document, shared: Mapping[str, Param], local: Mapping[str, Param]
) -> tuple[RuleFile, list[Fault]]:
    """Return the rule, and a fault for each `$name` that is no parameter and each parameter without use.

    Args:
        shape: what the file says.
        document: the file, for places.
        shared: the parameters of the knowledge, overrides applied.
        local: overridden local parameters, by "rule-name.parameter".
    """
    own = {name: local.get(f"{shape.name}.{name}", param_of(name, each)) for name, each in shape.params.items()}
    builder = _Builder(document, {**shared, **own})
    file = RuleFile(builder.rule(shape, own), document)
    for name in own:
        place = ("params", name)
        if name in shared:
            builder.faults.append(file.fault(place, "this is a shared parameter; use that, or take another name"))
        if name not in builder.used:
            builder.faults.append(file.fault(place, "nothing in the rule uses it"))
    return file, builder.faults


def default_alias(fact: str, subject: str) -> str:
    """Return the alias of a condition that gives none: weights.magnitude of high is magnitude_high."""
    last = fact.rpartition(".")[2]
    return last if subject == RUN else f"{last}_{re.sub('[^a-z0-9]+', '_', subject.lower())}"


class Operands:
    """Builds the tests of one file from what it compares with, and gathers what is wrong with that."""

    def __init__(self, document: Document, params: Mapping[str, Param]) -> None:
        """Take the file, for places, and the parameters that it may name."""
        self._document = document
        self._params = params
        self.used: set[str] = set()
        self.faults: list[Fault] = []

    def test(self, path: KeyPath, op: Op, operand: Written) -> Test:
        """Return the test of an operand that stands at `path`; a parameter that does not exist counts as 0."""
        if isinstance(operand, ReferenceShape):
            return Test(op, Reference(operand.ref, operand.times))
        if isinstance(operand, list):
            return Test(op, tuple(self.resolve(path, each)[0] for each in operand))
        return Test(op, *self.resolve(path, operand))

    def resolve(self, path: KeyPath, operand: Scalar) -> tuple[Scalar, str | None]:
        """Return a literal as it is, `$name` as its parameter's value with its name; 0 where there is no such one."""
        try:
            value, name = resolve(operand, self._params)
        except LookupError as error:
            self.fault(path, str(error))
            return 0, str(operand)[1:]
        if name is not None:
            self.used.add(name)
        return value, name

    def fault(self, path: KeyPath, text: str) -> None:
        """Note what is wrong at `path`."""
        self.faults.append(self._document.fault(path, f"{dotted(path)}: {text}"))


class _Builder(Operands):
    def __init__(self, document: Document, params: Mapping[str, Param]) -> None:
        super().__init__(document, params)
        self._aliases: set[str] = set()

    def rule(self, shape: RuleShape, own: Mapping[str, Param]) -> Rule:
        self._aliases = _claimed_aliases(shape)
        applies = tuple(self._condition(("applies", i), each) for i, each in enumerate(shape.applies))
        when = tuple(self._clause(("when", i), each) for i, each in enumerate(shape.when))
        unless = tuple(self._condition(("unless", i), each, inner=True) for i, each in enumerate(shape.unless))
        grades = tuple(self._grade(("grades", i), each) for i, each in enumerate(shape.grades))
        changes = tuple(self._change(("changes", i), each) for i, each in enumerate(shape.changes))
        message = shape.message or ""
        for text in (message, *(part for each in changes for part in (each.because, each.setting, each.entry))):
            self.used |= _named_in(text, self._params)
        return Rule(
            id=shape.id,
            name=shape.name,
            title=shape.title,
            stage=shape.stage,
            status=shape.status,
            since=shape.since,
            domain=shape.domain,
            intents=tuple(shape.intent),
            trainers=tuple(shape.trainers),
            severity=shape.severity,
            grades=grades,
            confidence=shape.confidence,
            why=shape.why,
            known_problems=tuple(shape.known_problems),
            claims=tuple(shape.claims),
            params=tuple(self._params[name] for name in sorted(self.used | own.keys())),
            applies=applies,
            when=when,
            unless=unless,
            message=message,
            derives=tuple(shape.derives),
            changes=changes,
            cases=tuple(_case(each, shape.base) for each in shape.tests),
            path=Path(self._document.file),
            states=shape.states,
            show=tuple(Shown(each.fact, each.of, each.as_) for each in shape.show),
            explains=tuple(shape.explains),
            topic=shape.topic,
            holds_back=tuple(shape.holds_back),
            means=tuple(shape.means),
            sources=tuple(shape.sources or ()),
        )

    def _clause(self, path: KeyPath, shape: AnyShape | ConditionShape) -> Clause:
        if isinstance(shape, ConditionShape):
            return self._condition(path, shape)
        inner = (*path, "any")
        return AnyOf(tuple(self._condition((*inner, i), each, inner=True) for i, each in enumerate(shape.any)))

    def _condition(self, path: KeyPath, shape: ConditionShape, *, inner: bool = False) -> Condition:
        alias = shape.as_ or default_alias(shape.fact, shape.of)
        if inner and not shape.as_:
            alias = self._free(alias)
        tests = tuple(self.test((*path, op.value), op, operand) for op, operand in shape.operands())
        if not tests and is_conclusion(shape.fact):
            tests = (Test(Op.IS, operand=True),)  # to name a conclusion is to ask whether it holds
        return Condition(shape.fact, shape.of, tests, alias)

    def _free(self, alias: str) -> str:
        """An alias nobody has; nothing can refer to a condition under `any` or `unless`, so any will do."""
        found, count = alias, 1
        while found in self._aliases:
            count += 1
            found = f"{alias}_{count}"
        self._aliases.add(found)
        return found

    def _grade(self, path: KeyPath, shape: GradeShape) -> Grade:
        [(op, operand)] = shape.operands()
        return Grade(shape.severity, shape.of, self.test((*path, op.value), op, operand))

    def _change(self, path: KeyPath, shape: ChangeShape) -> ChangeSpec:
        value = None if shape.value is None else self.resolve((*path, "value"), shape.value)[0]
        return ChangeSpec(
            setting=shape.setting,
            op=shape.op,
            because=shape.because,
            applicability=shape.applicability,
            value=value,
            recipe=shape.recipe,
            fact=shape.fact,
            yields=shape.yields,
            states=shape.states,
            entry=shape.entry,
        )


def _claimed_aliases(shape: RuleShape) -> set[str]:
    """The aliases that are written, or that stand for a condition others may refer to."""
    plain = [*shape.applies, *(clause for clause in shape.when if isinstance(clause, ConditionShape))]
    inner = [
        *shape.unless,
        *(each for clause in shape.when if isinstance(clause, AnyShape) for each in clause.any),
    ]
    claimed = {each.as_ or default_alias(each.fact, each.of) for each in plain}
    claimed |= {each.as_ for each in shape.show if each.as_}
    return claimed | {each.as_ for each in inner if each.as_}


def _named_in(text: str, params: Mapping[str, Param]) -> set[str]:
    try:
        return {each.name[1:] for each in placeholders(text) if each.name.startswith("$")} & params.keys()
    except ValueError:  # the lint of the wording reports it
        return set()


def _case(shape: CaseShape, base: Mapping[str, Scalar | None]) -> Case:
    given = {fact_and_subject(key): value for key, value in (*base.items(), *shape.given.items())}
    expect = shape.expect
    return Case(
        name=shape.name,
        given=tuple((*key, value) for key, value in given.items()),
        fires=expect.fires,
        subjects=None if expect.subjects is None else tuple(expect.subjects),
        message=expect.message,
        severity=expect.severity,
        missing=tuple(expect.missing),
    )


def fact_and_subject(key: str) -> tuple[str, str]:
    """Return the fact and the subject that a case gives by `fact` or `fact@subject`."""
    fact, _, subject = key.partition("@")
    return fact, subject or RUN
