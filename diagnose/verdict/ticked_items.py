"""The pre-flight checklist of one config: pass, fail, or open with what is left to provide."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from diagnose.core.values import Severity
from diagnose.rulebase.knowledge import ChecklistEntry, Claim
from diagnose.rulebase.message import with_shared
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judgement import Finding, NotEvaluated
from diagnose.verdict.scope import ANOTHER_MODEL, is_another_model, is_scope, left_out

OTHER_PURPOSE = "about another intent or trainer"
FIGURES_ELSEWHERE = "the reference numbers are for another model"
NO_FILES = "put clips into the data set's folder: no file of it is trained on, so none could be looked at"


class ChecklistStatus(str, Enum):
    """The state of one pre-flight item."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    DIFFERS = "differs"
    """Not as in the reference run's write-up, and no fault by itself."""
    OPEN = "open"
    """Only the user can tell, or something is missing."""
    NOT_APPLICABLE = "not applicable"


class ChecklistItem(Struct, frozen=True):
    """One item of the write-up's pre-flight checklist: why it has its status, and the findings behind it."""

    claim: str
    section: str
    says: str
    status: ChecklistStatus
    because: tuple[str, ...]
    findings: tuple[str, ...]


def tick_off(
    held: Consultation, findings: Sequence[Finding], unevaluated: Sequence[NotEvaluated]
) -> tuple[ChecklistItem, ...]:
    """Return every item with its state. A finding that only informs makes an item differ, not fail.

    An item that is about another intent, trainer or model is not for this run; where the intent is unknown it stays
    open. What nobody looked at never passes.
    """
    knowledge = held.base.knowledge
    items = []
    for entry in knowledge.checklist.values():
        claim = knowledge.claims[entry.claim]
        own = [finding for finding in findings if finding.name in entry.rules]
        lacking = [each for each in unevaluated if each.name in entry.rules]
        status, because = _state(entry, claim, held, own, lacking)
        items.append(
            ChecklistItem(
                entry.claim,
                entry.section,
                with_shared(entry.says, knowledge.parameters) or claim.says,
                status,
                because,
                tuple(dict.fromkeys(finding.name for finding in own)),
            )
        )
    return tuple(items)


def _elsewhere(entry: ChecklistEntry, claim: Claim, held: Consultation, own: Sequence[Finding]) -> str | None:
    """Say why an item is not for this run; None where it is."""
    intent, known = held.known.intent.intent, held.known
    if intent is not None and entry.intent not in {None, intent}:
        return OTHER_PURPOSE
    if "lr_ratio" in claim.values and left_out(known, held.base.knowledge.domain.expert_names) is not None:
        return "one expert alone is trained, so there is no ratio"
    return None if own else _beyond(entry, claim, held)


def _beyond(entry: ChecklistEntry, claim: Claim, held: Consultation) -> str | None:
    """Say why the figures of the reference run do not reach this run in an item; None where they do."""
    known = held.known
    boundary, wanted = known.value("effective.boundary"), claim.values.get("boundary_ratio")
    if is_another_model(known) and (wanted is not None or entry.of_the_domain):
        return FIGURES_ELSEWHERE
    if wanted is not None and boundary is not None and boundary.value != wanted:
        return f"about another model: the boundary of this one is {boundary.value}"
    decides = _decides(entry, held)
    out = next((each.fact.name for each in held.inference.out_of_range if each.rule == decides), None)
    if out is None:
        return None
    if out == ANOTHER_MODEL:
        return FIGURES_ELSEWHERE
    return OTHER_PURPOSE if is_scope(out) else "the reference numbers do not apply to this run"


def _state(
    entry: ChecklistEntry, claim: Claim, held: Consultation, own: Sequence[Finding], lacking: Sequence[NotEvaluated]
) -> tuple[ChecklistStatus, tuple[str, ...]]:
    elsewhere = _elsewhere(entry, claim, held, own)
    if elsewhere is not None:
        return ChecklistStatus.NOT_APPLICABLE, (elsewhere,)
    if own:
        failed = [finding for finding in own if finding.severity.rank < Severity.INFO.rank]
        status = ChecklistStatus.FAIL if failed else ChecklistStatus.DIFFERS
        return status, tuple(finding.message for finding in failed or own)
    files = [fact.value for fact in held.known.facts if fact.name == "dataset.files" and fact.known]
    empty = "dataset" in claim.needs and bool(files) and not any(files)
    needs = [NO_FILES] if empty else [f"provide {need}" for each in lacking for need in each.needs]
    if entry.ask is not None:
        needs.append(with_shared(entry.ask, held.base.knowledge.parameters))
    if not needs and _decides(entry, held) not in {id_ for id_, _ in held.inference.silent}:
        needs.append("not judged")
    if needs:
        return ChecklistStatus.OPEN, tuple(dict.fromkeys(needs))
    return ChecklistStatus.PASS, ()


def _decides(entry: ChecklistEntry, held: Consultation) -> str | None:
    """Return the id of the rule that decides an item; None where only the user can."""
    first = entry.rules[0] if entry.rules else None
    return next((rule.id for rule in held.grounds.rules.values() if rule.name == first), None)
