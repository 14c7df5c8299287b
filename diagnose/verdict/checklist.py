"""The pre-flight checklist of one config: pass, fail, or open with what is left to provide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diagnose.engine.inference import Inference
from diagnose.model import Intent, Severity
from diagnose.rulebase.checklist import ChecklistEntry
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rule import Rule
from diagnose.verdict.report import ChecklistItem, ChecklistStatus, Finding, NotEvaluated
from diagnose.verdict.scope import is_scope

BEFORE_A_RUN = ("config.", "effective.", "dataset.", "run.trainer", "run.intent")
"""Facts that a config, and what the user says of it, can decide before anything was trained."""


def needs_a_run(facts: Iterable[str]) -> bool:
    """Return whether all that a rule lacks can only come from a run."""
    return not any(fact.startswith(BEFORE_A_RUN) for fact in facts)


def tick_off(
    entries: Sequence[ChecklistEntry],
    rules: Mapping[str, Rule],
    inference: Inference,
    findings: Sequence[Finding],
    *,
    unevaluated: Sequence[NotEvaluated],
    knowledge: Knowledge,
    intent: Intent | None,
) -> tuple[ChecklistItem, ...]:
    """Return every item with its state. A finding that only informs makes an item differ, not fail.

    An item that is about another intent is not for this run; where the intent is unknown it stays open.
    """
    by_name = {rule.name: rule.id for rule in rules.values()}
    elsewhere = {out.rule for out in inference.out_of_range if is_scope(out.fact.name)}
    items = []
    for entry in entries:
        own = [finding for finding in findings if finding.name in entry.rules]
        lacking = [each for each in unevaluated if each.name in entry.rules]
        apply = [name for name in entry.rules if by_name.get(name) not in elsewhere]
        claim = knowledge.claims[entry.claim]
        another = intent is not None and entry.intent not in {None, intent}
        status, because = _elsewhere() if another else _state(entry, own, lacking, apply)
        items.append(ChecklistItem(entry.claim, entry.section, claim.says, status, because, _names(own)))
    return tuple(items)


def _state(
    entry: ChecklistEntry, own: Sequence[Finding], lacking: Sequence[NotEvaluated], apply: Sequence[str]
) -> tuple[ChecklistStatus, tuple[str, ...]]:
    if own:
        failed = [finding for finding in own if finding.severity.rank < Severity.INFO.rank]
        status = ChecklistStatus.FAIL if failed else ChecklistStatus.DIFFERS
        return status, tuple(finding.message for finding in failed or own)
    if entry.rules and not apply:
        return _elsewhere()
    needs = [f"provide {need}" for each in lacking for need in each.needs]
    if entry.ask is not None:
        needs.append(entry.ask)
    if needs:
        return ChecklistStatus.OPEN, tuple(dict.fromkeys(needs))
    return ChecklistStatus.PASS, ()


def _elsewhere() -> tuple[ChecklistStatus, tuple[str, ...]]:
    return ChecklistStatus.NOT_APPLICABLE, ("about another intent or trainer",)


def _names(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.name for finding in findings))
