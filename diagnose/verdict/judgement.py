"""What the rules came to: findings with their evidence, changes, what passed, what was not judged."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from diagnose.core.values import Confidence, Fact, Notation, Place, Scalar, Severity
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rule import Applicability, ChangeOp, Meaning, Param


class Evidence(Struct, frozen=True):
    """One fact behind a finding."""

    fact: str
    meaning: str
    value: Scalar | None
    unit: str
    subject: str
    source: Place | None
    note: str = ""
    notation: Notation = Notation.NUMBER


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
        notation=fact.notation,
    )


class ChainLink(Struct, frozen=True):
    """One step of the proof: an earlier finding that this one builds on."""

    rule: str
    name: str
    title: str


class Citation(Struct, frozen=True):
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


class RivalTest(Struct, frozen=True):
    """What to do to tell a finding from a rival explanation. `cost`: "a look", "minutes", "hours" or "a run"."""

    does: str
    cost: str
    rivals: tuple[str, ...]
    """The explanations that are left and that it would tell apart."""


class WeighedRival(Struct, frozen=True):
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


class Change(Struct, frozen=True):
    """One key of the next config. `old` and `new` are None for a key that is absent before or after."""

    path: str
    op: ChangeOp
    old: Scalar | None
    new: Scalar | None
    because: str
    claims: tuple[str, ...]
    applicability: Applicability
    rules: tuple[str, ...]
    """The rules that ask for it: one owner per key, or several of one mind."""
    states: str | None = None
    """The answer an advice gives to a question that a report answers in one way only."""
    setting: str | None = None
    """The setting that stands under the key; None for advice, and for a key that is no setting with a name."""


class Conflict(Struct, frozen=True):
    """Two rules ask for different values of one key: neither is applied, the reader decides."""

    path: str
    wishes: tuple[tuple[str, str], ...]
    """(rule name, what it asks for)."""


class Finding(Struct, frozen=True):
    """A fired rule, worded.

    `capped` says why the severity is lower than the rule's, `lowered` why the confidence is, if they are.
    """

    name: str
    rule: str
    subject: str
    severity: Severity
    confidence: Confidence
    title: str
    message: str
    why: str
    claims: tuple[Citation, ...]
    params: tuple[Param, ...]
    evidence: tuple[Evidence, ...]
    chain: tuple[ChainLink, ...]
    explains: tuple[str, ...]
    """Names of findings that this one explains (they rank below it)."""
    known_problems: tuple[str, ...]
    changes: tuple[Change, ...]
    capped: str | None = None
    lowered: str | None = None
    rivals: tuple[WeighedRival, ...] = ()
    """What else could explain it, in the order of the knowledge."""
    cheapest_test: RivalTest | None = None
    """The cheapest test among those of the rivals that are left; None where none is."""
    unrivalled: bool = False
    """Whether there are rivals, and every one that is known is ruled out."""
    sources: tuple[str, ...] = ()
    """The sources of its rule besides the claims, or in place of them."""
    limits: tuple[Param, ...] = ()
    """Those of the params that decide whether it is a finding; the others grade or word it."""
    means: tuple[Meaning, ...] = ()
    """What it means for the saves of the run and for the next one: by this the report acts, and not by its name."""


class Passed(Struct, frozen=True):
    """A rule that was evaluated and stayed silent."""

    name: str
    rule: str
    title: str
    claims: tuple[str, ...]


class Supposed(Struct, frozen=True):
    """A finding there would be if a supposition held."""

    name: str
    rule: str
    severity: Severity
    title: str
    message: str


class Supposition(Struct, frozen=True):
    """What would be found besides, were the LoRA to learn one of these; worst first."""

    intents: tuple[str, ...]
    findings: tuple[Supposed, ...]


class NotEvaluated(Struct, frozen=True):
    """A rule that could not be judged, or whose thresholds do not reach this run (`reason`)."""

    name: str
    rule: str
    title: str
    needs: tuple[str, ...]
    """What to provide, in words."""
    facts: tuple[str, ...]
    reason: str
    trainers: tuple[str, ...] = ()
    """The trainers that a remedy is for, where the next config waits for it."""
    changes: tuple[Change, ...] = ()
    """What such a remedy would change."""


class BoundFact(Struct, frozen=True):
    """A fact that a rule fired by, under the name that its rule gives it."""

    alias: str
    fact: str
    subject: str
    value: Scalar | None
    notation: Notation = Notation.NUMBER


class TraceStep(Struct, frozen=True):
    """One firing in the order of inference: rule, subject, what it bound, what had to be absent."""

    stage: str
    rule: str
    name: str
    subject: str
    bound: tuple[BoundFact, ...]
    absent: tuple[str, ...]
