"""How well each claim of the source document has stood up since: `knowledge/grades.yaml`, read and checked.

A finding is no surer than the claims it rests on. Nothing here reads the pages of the document; `document` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from diagnose.core.model import Confidence
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.grades import EvidenceGrade, Standing
from diagnose.rulebase.reading.schema import Chosen, Shape
from diagnose.rulebase.reading.spelling import ClaimId, Prose
from diagnose.rulebase.reading.validation import nearest, validate
from diagnose.rulebase.yaml_places import Document

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
    faults += _faults(shape, document, claims)
    standings = {
        claim: Standing(claim, each.grade, each.because, tuple(each.references), shape.highest_confidence[each.grade])
        for claim, each in shape.grades.items()
        if each.grade in shape.highest_confidence
    }
    return standings, faults


def _faults(shape: _GradesShape, document: Document, claims: Collection[str]) -> Iterator[Fault]:
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
