"""How well each claim of the source document has stood up since: `knowledge/grades.yaml`, read and checked.

A finding is no surer than the claims it rests on. Nothing here reads the pages of the document; `document` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from diagnose.core.model import Confidence


class EvidenceGrade(str, Enum):
    """What stands behind a claim; the file's head says how sure a finding may be on it."""

    SINGLE_RUN = "single-run"
    CORROBORATED = "corroborated"
    REFINED = "refined"
    CONTESTED = "contested"
    CONTRADICTED = "contradicted"
    BY_CONSTRUCTION = "by-construction"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one claim stands. `because` is a sentence; `ceiling` is the highest confidence of a finding on it."""

    claim: str
    grade: EvidenceGrade
    because: str
    references: tuple[str, ...]
    ceiling: Confidence
