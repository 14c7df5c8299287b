"""Rival explanations, `knowledge/rivals.yaml`: what else could be behind a finding, and which facts decide it.

A rival is data like a rule: the same conditions, the same `$parameters`. What a run says of it is the verdict's.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagnose.rulebase.rule import Condition, Param, Test

AllOf: TypeAlias = tuple[Condition, ...]
"""Conditions that hold together; those with EACH speak of the same subject."""


class Cost(str, Enum):
    """What a test takes, cheapest first."""

    LOOK = "a look"
    MINUTES = "minutes"
    HOURS = "hours"
    RUN = "a run"

    @property
    def rank(self) -> int:
        """0 for the cheapest."""
        return list(Cost).index(self)


class RivalGrade(str, Enum):
    """What stands behind a rival explanation: that it can be the cause at all, not that it is."""

    BY_CONSTRUCTION = "by-construction"
    CORROBORATED = "corroborated"
    REPORTED = "reported"


class RivalTest(Struct, frozen=True):
    """A test that tells a finding from a rival explanation, as an instruction in a sentence or two."""

    id: str
    does: str
    cost: Cost


class Rival(Struct, frozen=True):
    """One rival explanation.

    Attributes:
        title: a few words that fit in a sentence.
        explains: the findings it competes with, by rule name, with the cheapest test that tells the two apart.
        ruled_out_by: any of these, for every subject, excludes it.
        supported_by: any of these, for some subject, makes it likelier.
        ask: what only the user can tell.
    """

    id: str
    explains: Mapping[str, RivalTest]
    title: str
    says: str
    ruled_out_by: tuple[AllOf, ...]
    supported_by: tuple[AllOf, ...]
    ask: str | None
    grade: RivalGrade
    references: tuple[str, ...]

    @property
    def conditions(self) -> Iterator[Condition]:
        """Every condition, those that rule out first."""
        return (condition for clause in (*self.ruled_out_by, *self.supported_by) for condition in clause)

    @property
    def params(self) -> frozenset[str]:
        """The shared parameters its conditions read."""
        return frozenset(test.param for c in self.conditions for test in c.tests if test.param is not None)


def resettled(rivals: Mapping[str, Rival], params: Mapping[str, Param]) -> Mapping[str, Rival]:
    """Return the rivals with the values that their parameters have now."""

    def now(clauses: tuple[AllOf, ...]) -> tuple[AllOf, ...]:
        return tuple(tuple(replace(each, tests=tuple(map(test, each.tests))) for each in clause) for clause in clauses)

    def test(old: Test) -> Test:
        return old if old.param is None else replace(old, operand=params[old.param].value)

    return {
        id_: replace(rival, ruled_out_by=now(rival.ruled_out_by), supported_by=now(rival.supported_by))
        for id_, rival in rivals.items()
    }
