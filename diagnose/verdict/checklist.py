"""The pre-flight checklist of one config: pass, fail, or open with what is left to provide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diagnose.engine.inference import Inference
from diagnose.model import Severity
from diagnose.rulebase.checklist import ChecklistEntry
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.rule import Condition, Rule
from diagnose.verdict.report import ChecklistItem, ChecklistStatus, Finding, NotEvaluated
from diagnose.verdict.scope import is_scope

BEFORE_A_RUN = ("config.", "effective.", "dataset.", "run.trainer", "run.intent")
"""Facts that a config, and what the user says of it, can decide before anything was trained."""


def needs_a_run(rule: Rule, lacking: Sequence[str]) -> bool:
    """Return whether only a run can give what a rule lacks: all of it, or something that it asks for in any case."""
    later = [fact for fact in lacking if not fact.startswith(BEFORE_A_RUN)]
    return len(later) == len(lacking) or not required(rule).isdisjoint(later)


def required(rule: Rule) -> frozenset[str]:
    """Return the facts that a rule asks for in any case, conclusions aside."""
    asked = (clause.fact for clause in rule.when if isinstance(clause, Condition))
    return frozenset(fact for fact in asked if not is_conclusion(fact))


def tick_off(
    entries: Sequence[ChecklistEntry],
    rules: Mapping[str, Rule],
    inference: Inference,
    findings: Sequence[Finding],
    *,
    unevaluated: Sequence[NotEvaluated],
    knowledge: Knowledge,
) -> tuple[ChecklistItem, ...]:
    """Return every item with its state. A finding that only informs makes an item differ, not fail."""
    by_name = {rule.name: rule.id for rule in rules.values()}
    elsewhere = {out.rule for out in inference.out_of_range if is_scope(out.fact.name)}
    items = []
    for entry in entries:
        own = [finding for finding in findings if finding.name in entry.rules]
        lacking = [each for each in unevaluated if each.name in entry.rules]
        apply = [name for name in entry.rules if by_name.get(name) not in elsewhere]
        claim = knowledge.claims[entry.claim]
        status, because = _state(entry, own, lacking, apply)
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
        return ChecklistStatus.NOT_APPLICABLE, ("about another intent or trainer",)
    needs = [f"provide {need}" for each in lacking for need in each.needs]
    if entry.ask is not None:
        needs.append(entry.ask)
    if needs:
        return ChecklistStatus.OPEN, tuple(dict.fromkeys(needs))
    return ChecklistStatus.PASS, ()


def _names(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.name for finding in findings))
