"""What follows the source document, read and checked: claims, their grades, the checklist, the plan and the traps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from diagnose.core.values import Confidence, Intent
from diagnose.rulebase.faults import Fault, nearest
from diagnose.rulebase.knowledge import (
    ChecklistEntry,
    Claim,
    EvidenceGrade,
    PlanItem,
    Standing,
    Trap,
    cited_claims,
)
from diagnose.rulebase.reading.shapes import Chosen, ClaimId, FactName, Listed, Prose, RuleName, Shape, Word, validate
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


def read_claims(document: Document) -> tuple[Mapping[str, Claim], list[Fault]]:
    """Return the claims by id, and every fault of the file."""
    shape, faults = validate(_ClaimsShape.model_validate, document)
    claims: dict[str, Claim] = {}
    for index, each in enumerate(shape.claims if shape else ()):
        if each.id in claims:
            faults.append(document.fault(("claims", index, "id"), f"claim {each.id} stands already further up"))
        claims[each.id] = Claim(each.id, each.kind, each.says, tuple(each.needs), each.values)
    return claims, faults


GRADES_FILE = "grades.yaml"


REFERENCED = frozenset(EvidenceGrade) - {EvidenceGrade.SINGLE_RUN, EvidenceGrade.BY_CONSTRUCTION}
"""The grades that speak of evidence elsewhere, and so must say where."""


class _StandingShape(Shape):
    grade: Chosen[EvidenceGrade]
    because: Prose
    references: list[Prose]


class _GradesShape(Shape):
    highest_confidence: dict[Chosen[EvidenceGrade], Chosen[Confidence]]
    grades: dict[ClaimId, _StandingShape]


def read_grades(document: Document, claims: Collection[str]) -> tuple[Mapping[str, Standing], list[Fault]]:
    """Return the standings by claim, in the order of the file, and every fault of it."""
    shape, faults = validate(_GradesShape.model_validate, document)
    if shape is None:
        return {}, faults
    faults += _grade_faults(shape, document, claims)
    standings = {
        claim: Standing(claim, each.grade, each.because, tuple(each.references), shape.highest_confidence[each.grade])
        for claim, each in shape.grades.items()
        if each.grade in shape.highest_confidence
    }
    return standings, faults


def _grade_faults(shape: _GradesShape, document: Document, claims: Collection[str]) -> Iterator[Fault]:
    for grade in EvidenceGrade:
        if grade not in shape.highest_confidence:
            yield document.fault(("highest_confidence",), f"no confidence is given for {grade.value}")
    for claim in claims:
        if claim not in shape.grades:
            yield document.fault(("grades",), f"claim {claim} has no grade")
    for claim, each in shape.grades.items():
        if claim not in claims:
            yield document.fault(("grades", claim), f"there is no claim {claim}{nearest(claim, claims)}")
        if each.grade in REFERENCED and not each.references:
            yield document.fault(("grades", claim), f"{claim} is {each.grade.value}: say by what, under references")


CHECKLIST_FILE = "checklist.yaml"


class _EntryShape(Shape):
    section: Prose
    rules: list[RuleName]
    ask: Prose | None = None
    intent: Chosen[Intent] | None = None
    says: Prose | None = None
    of_the_domain: bool = False


def read_checklist(document: Document) -> tuple[Mapping[str, ChecklistEntry], list[Fault]]:
    """Return the items by claim in the order of the file, and every fault of it."""
    shapes, faults = validate(TypeAdapter(dict[ClaimId, _EntryShape]).validate_python, document)
    entries = {
        claim: ChecklistEntry(
            claim, each.section, tuple(each.rules), each.ask, each.intent, each.says or "", each.of_the_domain
        )
        for claim, each in (shapes or {}).items()
    }
    return entries, faults


PLAN_FILE = "plan.yaml"


class _ItemShape(Shape):
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    says: Prose
    intent: list[Chosen[Intent]] = Field(default_factory=lambda: [Intent.MOTION], min_length=1)
    where: FactName | None = None


def read_plan(document: Document) -> tuple[Mapping[str, tuple[PlanItem, ...]], list[Fault]]:
    """Return the items by part in the order of the file, and every fault of it."""
    adapter = TypeAdapter(dict[Literal["keep", "look", "expect", "stop", "good", "why", "split"], list[_ItemShape]])
    shapes, faults = validate(adapter.validate_python, document)
    parts = {
        str(part): tuple(
            PlanItem(part, item.says, tuple(item.claims), tuple(item.intent), item.where) for item in items
        )
        for part, items in (shapes or {}).items()
    }
    return parts, faults


TRAPS_FILE = "traps.yaml"


COUNT = 40
"""Traps of a config that the field knows, as they were gathered from code and threads."""


class _TrapShape(Shape):
    number: int
    says: Prose
    rules: Listed[RuleName] = Field(default_factory=list)
    unseen: Prose | None = None


class _TrapsShape(Shape):
    traps: list[_TrapShape]


def read_traps(document: Document) -> tuple[Mapping[int, Trap], list[Fault]]:
    """Return the traps by number, and every fault of the file: all of them, in order, each seen or excused."""
    shape, faults = validate(_TrapsShape.model_validate, document)
    if shape is None:
        return {}, faults
    if [each.number for each in shape.traps] != list(range(1, COUNT + 1)):
        faults.append(document.fault(("traps",), f"give the {COUNT} traps in order, each once"))
    traps = {}
    for index, each in enumerate(shape.traps):
        path = ("traps", index)
        if not each.rules and each.unseen is None:
            text = f"trap {each.number}: name the rules that see it, or say under unseen why none can"
            faults.append(document.fault(path, text))
        line = document.lines[path]
        traps[each.number] = Trap(each.number, each.says, tuple(each.rules), each.unseen, document.file, line)
    return traps, faults


def lint_traps(traps: Mapping[int, Trap], rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield a fault for each rule that a trap names and that does not exist."""
    names = {rule.name for rule in rules}
    for trap in traps.values():
        for name in trap.rules:
            if name not in names:
                yield Fault(trap.file, trap.line, f"trap {trap.number}: no rule is called {name}{nearest(name, names)}")
