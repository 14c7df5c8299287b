"""What follows the source document, read and checked: claims, their grades, the checklist, the plan and the traps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from diagnose.core.errors import nearest
from diagnose.core.values import Confidence, Intent
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.knowledge import (
    ChecklistEntry,
    Claim,
    EvidenceGrade,
    PlanItem,
    Standing,
    Trap,
    cited_claims,
)
from diagnose.rulebase.reading.shapes import (
    Chosen,
    ClaimId,
    FactName,
    Listed,
    Prose,
    RuleName,
    Shape,
    Word,
    frozen,
    validate,
)
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.yaml_places import Document


class _ClaimShape(Shape):
    id: ClaimId
    kind: Word
    says: Prose
    needs: list[Word]
    values: dict[Word, Any] = Field(default_factory=dict)


class _ClaimsShape(Shape):
    version: int
    case: dict[Word, str]
    claims: list[_ClaimShape]


def unknown_claims(text: str, claims: Mapping[str, Claim] | None) -> list[str]:
    """Return a complaint for each claim id within the text that the index does not have; none without an index."""
    if claims is None:
        return []
    return [f"there is no claim {id_}{nearest(id_, claims)}" for id_ in cited_claims(text) if id_ not in claims]


def read_claims(document: Document) -> Mapping[str, Claim]:
    """Return the claims by id."""
    shape = validate(_ClaimsShape.model_validate, document)
    claims: dict[str, Claim] = {}
    for index, each in enumerate(shape.claims if shape else ()):
        if each.id in claims:
            document.note(("claims", index, "id"), f"claim {each.id} is already further up")
        claims[each.id] = frozen(Claim, each)
    return claims


REFERENCED = frozenset(EvidenceGrade) - {EvidenceGrade.SINGLE_RUN, EvidenceGrade.BY_CONSTRUCTION}
"""The grades that speak of evidence elsewhere, and so must say where."""


class _StandingShape(Shape):
    grade: Chosen[EvidenceGrade]
    because: Prose
    references: list[Prose]


class _GradesShape(Shape):
    highest_confidence: dict[Chosen[EvidenceGrade], Chosen[Confidence]]
    grades: dict[ClaimId, _StandingShape]


def read_grades(document: Document, claims: Collection[str]) -> Mapping[str, Standing]:
    """Return the standings by claim, in the order of the file."""
    shape = validate(_GradesShape.model_validate, document)
    if shape is None:
        return {}
    for grade in EvidenceGrade:
        if grade not in shape.highest_confidence:
            document.note(("highest_confidence",), f"no confidence is given for {grade.value}")
    for claim in claims:
        if claim not in shape.grades:
            document.note(("grades",), f"claim {claim} has no grade")
    standings = {}
    for claim, each in shape.grades.items():
        if claim not in claims:
            document.note(("grades", claim), f"there is no claim {claim}{nearest(claim, claims)}")
        if each.grade in REFERENCED and not each.references:
            document.note(("grades", claim), f"say under references by what it is {each.grade.value}")
        if (ceiling := shape.highest_confidence.get(each.grade)) is not None:
            standings[claim] = frozen(Standing, each, claim=claim, ceiling=ceiling)
    return standings


class _EntryShape(Shape):
    section: Prose
    rules: list[RuleName]
    ask: Prose | None = None
    intent: Chosen[Intent] | None = None
    says: Prose = ""
    of_the_domain: bool = False


def read_checklist(document: Document) -> Mapping[str, ChecklistEntry]:
    """Return the items by claim in the order of the file."""
    shapes = validate(TypeAdapter(dict[ClaimId, _EntryShape]).validate_python, document) or {}
    return {claim: frozen(ChecklistEntry, shape, claim=claim) for claim, shape in shapes.items()}


class _ItemShape(Shape):
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    says: Prose
    intent: list[Chosen[Intent]] = Field(default_factory=lambda: [Intent.MOTION], min_length=1)
    where: FactName | None = None


def read_plan(document: Document) -> Mapping[str, tuple[PlanItem, ...]]:
    """Return the items by part in the order of the file."""
    adapter = TypeAdapter(dict[Literal["keep", "look", "expect", "stop", "good", "why", "split"], list[_ItemShape]])
    parts = validate(adapter.validate_python, document) or {}
    return {
        str(part): tuple(frozen(PlanItem, item, part=part, intents=item.intent) for item in items)
        for part, items in parts.items()
    }


COUNT = 40
"""Traps of a config that the field knows, as they were gathered from code and threads."""


class _TrapShape(Shape):
    number: int
    says: Prose
    rules: Listed[RuleName] = Field(default_factory=list)
    unseen: Prose | None = None


class _TrapsShape(Shape):
    traps: list[_TrapShape]


def read_traps(document: Document) -> Mapping[int, Trap]:
    """Return the traps by number: all of them, in order, each seen or excused."""
    shape = validate(_TrapsShape.model_validate, document)
    if shape is None:
        return {}
    if [each.number for each in shape.traps] != list(range(1, COUNT + 1)):
        document.note(("traps",), f"give the {COUNT} traps in order, each once")
    for index, each in enumerate(shape.traps):
        if not each.rules and each.unseen is None:
            text = f"trap {each.number}: name the rules that see it, or say under unseen why none can"
            document.note(("traps", index), text)
    return {each.number: frozen(Trap, each) for each in shape.traps}


def lint_traps(traps: Iterable[Trap], document: Document, rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield a fault for each rule that a trap names and that does not exist."""
    names = {rule.name for rule in rules}
    for index, trap in enumerate(traps):
        for number, name in enumerate(trap.rules):
            if name not in names:
                path = ("traps", index, "rules", number)
                yield document.fault(path, f"no rule is called {name}{nearest(name, names)}")
