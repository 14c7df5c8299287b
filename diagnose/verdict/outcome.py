"""What the rules came to: findings and their changes, what passed, what was not judged, what hangs on the intent."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.core.model import Confidence, Scalar, Severity
from diagnose.rulebase.rule import Applicability, ChangeOp, Param
from diagnose.verdict.evidence import ChainLink, Citation, Evidence, RivalTest, WeighedRival


@dataclass(frozen=True, slots=True)
class Change:
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


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules want one key differently: neither is applied, the reader decides."""

    path: str
    wishes: tuple[tuple[str, str], ...]
    """(rule name, what it wants)."""


@dataclass(frozen=True, slots=True)
class Finding:
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
    """What its rule rests on besides the claims, or in place of them."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that was evaluated and stayed silent."""

    name: str
    rule: str
    title: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Supposed:
    """A finding there would be if a supposition held."""

    name: str
    rule: str
    severity: Severity
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Supposition:
    """What would be found besides, were the LoRA to learn one of these; worst first."""

    intents: tuple[str, ...]
    findings: tuple[Supposed, ...]


@dataclass(frozen=True, slots=True)
class NotEvaluated:
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


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One firing in the order of inference: rule, subject, what it bound, what had to be absent."""

    stage: str
    rule: str
    name: str
    subject: str
    bound: tuple[tuple[str, str, str, Scalar | None], ...]
    """(alias, fact, subject, value)."""
    absent: tuple[str, ...]
