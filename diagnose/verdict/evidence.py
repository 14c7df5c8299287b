"""What a finding rests on: facts with their places, earlier findings, claims; and what else could explain it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from diagnose.core.model import Fact, Place, Scalar
from diagnose.rulebase.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact a finding rests on."""

    fact: str
    meaning: str
    value: Scalar | None
    unit: str
    subject: str
    source: Place | None
    note: str = ""


def evidence_of(fact: Fact, knowledge: Knowledge) -> Evidence:
    """Return a fact as evidence, with the meaning its declaration gives and the first place it was read at."""
    declaration = knowledge.facts.get(fact.name)
    return Evidence(
        fact=fact.name,
        meaning=declaration.meaning if declaration is not None else "",
        value=fact.value,
        unit=fact.unit,
        subject=fact.subject,
        source=fact.places[0] if fact.places else None,
        note=fact.note,
    )


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One step of the proof: an earlier finding this one rests on."""

    rule: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim of the source document."""

    id: str
    says: str
    grade: str | None = None
    """How it stands with others' evidence: single-run, corroborated, refined, contested, ..."""
    because: str | None = None


class RivalState(str, Enum):
    """What the run's facts make of a rival explanation."""

    RULED_OUT = "ruled-out"
    SUPPORTED = "supported"
    OPEN = "open"
    """Neither: facts are missing, or they leave it open."""


@dataclass(frozen=True, slots=True)
class RivalTest:
    """What to do to tell a finding from a rival explanation. `cost`: "a look", "minutes", "hours" or "a run"."""

    does: str
    cost: str
    rivals: tuple[str, ...]
    """The explanations that are left and that it would tell apart."""


@dataclass(frozen=True, slots=True)
class WeighedRival:
    """A rival explanation of a finding, held against this run.

    `evidence`: the facts that decide it; where it is open, those that could not. `needs`: what would settle it.
    """

    id: str
    title: str
    says: str
    state: RivalState
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...]
    grade: str
    references: tuple[str, ...]
    test: RivalTest
