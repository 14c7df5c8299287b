"""Conditions, read in one way wherever they stand: in rules, grades, rival explanations and the table of settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag
from pydantic_core import PydanticCustomError

from diagnose.core.values import Scalar
from diagnose.rulebase.fact_declarations import is_conclusion
from diagnose.rulebase.faults import KeyPath
from diagnose.rulebase.parameters import resolve
from diagnose.rulebase.reading.shapes import AnyScalar, FactName, Shape, Some, Word
from diagnose.rulebase.rule import Condition, Op, Param, Reference, Test
from diagnose.rulebase.yaml_places import Document


class ReferenceShape(Shape):
    """`{ref: low, times: 3}`: another condition's value, times a constant."""

    ref: Word
    times: float = 1.0


Operand: TypeAlias = Annotated[
    Annotated[ReferenceShape, Tag("a reference")] | Annotated[AnyScalar, Tag("a value")],
    Discriminator(lambda value: "a reference" if isinstance(value, dict) else "a value"),
]


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("operand", "null is no operand; without an operator a condition means: is known")
    return value


OptionalOperand: TypeAlias = Annotated[Operand | None, AfterValidator(_not_null)]
OptionalList: TypeAlias = Annotated[Some[AnyScalar] | None, AfterValidator(_not_null)]
"""None where the operator is not there; written out, null is a fault."""

Subject: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What a fact is about: "run", "high", a data set's path, or "each"."""


class ComparisonShape(Shape):
    """The operators of a condition or grade; an operand is a literal, `$parameter` or a reference."""

    FIELDS: ClassVar[Mapping[Op, str]] = {op: {Op.IS: "is_", Op.IN: "in_"}.get(op, op.value) for op in Op}

    is_: OptionalOperand = Field(None, alias="is")
    is_not: OptionalOperand = None
    in_: OptionalList = Field(None, alias="in")
    lt: OptionalOperand = None
    le: OptionalOperand = None
    gt: OptionalOperand = None
    ge: OptionalOperand = None

    def operands(self) -> list[tuple[Op, ReferenceShape | list[Scalar] | Scalar]]:
        """Return the operators that are given, in the order of `Op`, each with its operand."""
        return [(op, operand) for op, field in self.FIELDS.items() if (operand := getattr(self, field)) is not None]


class ConditionShape(ComparisonShape):
    """`{fact: weights.magnitude, of: high, lt: $high_magnitude_min, as: mag}`; no operator means "is known"."""

    fact: FactName
    of: Subject = "run"
    as_: Word | None = Field(None, alias="as")


class Conditions:
    """Reads the conditions of one file, and notes in it what is wrong with them."""

    def __init__(self, document: Document, params: Mapping[str, Param]) -> None:
        """Take the file and the parameters that it may name."""
        self._document = document
        self._params = params
        self.used: set[str] = set()
        """The parameters that were named."""

    def condition(self, path: KeyPath, shape: ConditionShape, alias: str) -> Condition:
        """Return the condition that stands at `path`."""
        tests = self.tests(path, shape)
        if not tests and is_conclusion(shape.fact):
            tests = (Test(Op.IS, operand=True),)  # to name a conclusion is to ask whether it holds
        return Condition(shape.fact, shape.of, tests, alias)

    def bare(self, path: KeyPath, shape: ConditionShape) -> Condition:
        """Return a condition outside of rules: nothing can refer to it, and without a test it decides nothing."""
        condition = self.condition(path, shape, shape.fact)
        if not condition.tests:
            self._document.note(path, f"compare {shape.fact} with something; to be known decides nothing")
        if shape.as_ is not None:
            self._document.note(path, "a name (as) is for rules; nothing here could use it")
        self.refuse_references(path, condition.tests)
        return condition

    def refuse_references(self, path: KeyPath, tests: tuple[Test, ...]) -> None:
        """Note each test that refers to another condition."""
        if any(isinstance(test.operand, Reference) for test in tests):
            self._document.note(path, "a reference is for rules; give a value or a $parameter")

    def tests(self, path: KeyPath, shape: ComparisonShape) -> tuple[Test, ...]:
        """Return the tests of a condition or grade at `path`; a parameter that does not exist counts as 0."""
        found = []
        for op, operand in shape.operands():
            place = (*path, op.value)
            if isinstance(operand, ReferenceShape):
                found.append(Test(op, Reference(operand.ref, operand.times)))
            elif isinstance(operand, list):
                found.append(Test(op, tuple(self.value(place, each)[0] for each in operand)))
            else:
                found.append(Test(op, *self.value(place, operand)))
        return tuple(found)

    def value(self, path: KeyPath, written: Scalar) -> tuple[Scalar, str | None]:
        """Return a literal as it is, `$name` as its parameter's value with its name; 0 where there is no such one."""
        try:
            value, name = resolve(written, self._params)
        except LookupError as error:
            self._document.note(path, str(error))
            return 0, str(written)[1:]
        if name is not None:
            self.used.add(name)
        return value, name
