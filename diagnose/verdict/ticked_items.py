"""The config in the report: the settings whose effect is not what the file says, and the checklist before a run.

Which fact belongs to which key is a matter of `knowledge/effective.yaml`; here its rows meet the facts of one config.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from diagnose.core.values import RUN, Fact, Place, Scalar, Severity
from diagnose.facts.known import Known
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.knowledge import ChecklistEntry, Claim, EffectiveRow
from diagnose.rulebase.message import format_value, keyed, with_shared
from diagnose.rulebase.rule import EACH
from diagnose.trainers.declared import Config, Setting
from diagnose.trainers.trainer_model import TrainerModel
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judgement import Finding, NotEvaluated
from diagnose.verdict.scope import ANOTHER_MODEL, is_another_model, is_scope, left_out

OF_SUBJECT = "{subject}"
"""Names the key that a fact is about."""
LISTED = 6
"""Entries of a list that are shown; more are counted."""


class EffectiveSetting(Struct, frozen=True):
    """A setting whose effect differs from what the file says, or that matters."""

    path: str
    declared: Scalar | None
    effective: Scalar | None
    why: str
    source: Place | None


def effective_settings(known: Known, table: Mapping[str, Sequence[EffectiveRow]]) -> tuple[EffectiveSetting, ...]:
    """Return the settings whose effect differs from what was written, in the order of the table."""
    if known.config is None:
        return ()
    facts = {fact.key: fact for fact in known.facts if fact.known}
    model = known.evidence.model or known.config.model
    found = (each for rows in table.values() for row in rows for each in _settings(row, known.config, facts, model))
    return tuple(dict.fromkeys(found))


def _settings(
    row: EffectiveRow, config: Config, facts: Mapping[tuple[str, str], Fact], model: TrainerModel
) -> Iterator[EffectiveSetting]:
    about = [row.of] if row.of != EACH else [subject for name, subject in facts if name == row.fact]
    for fact in (facts[row.fact, subject] for subject in about if (row.fact, subject) in facts):
        if not _conditions_hold(row, fact.subject, facts):
            continue
        for name in row.settings:
            key = fact.subject if name == OF_SUBJECT else config.key(name, fact.subject)
            shown = _setting(row, key, fact, config, model) if key is not None else None
            if shown is not None:
                yield shown


def _conditions_hold(row: EffectiveRow, subject: str, facts: Mapping[tuple[str, str], Fact]) -> bool:
    for condition in row.where:
        found = facts.get((condition.fact, subject)) or facts.get((condition.fact, RUN))
        if found is None or not all(passes(test, found.value, {}) for test in condition.tests):
            return False
    return True


def _setting(row: EffectiveRow, path: str, fact: Fact, config: Config, model: TrainerModel) -> EffectiveSetting | None:
    """Return the line for one key, None where it is not worth one."""
    setting, value = config.raw.setting(path), fact.value
    declared = _declared(setting)
    if row.written is not None and row.written != setting.given:
        return None
    if value is None or not (all(passes(test, value, {}) for test in row.tests) if row.tests else value != declared):
        return None
    effective = value if row.happens is None else _worded(row.happens, fact)
    why = fact.note if row.why is None else model.cited(_worded(keyed(row.why, config.called), fact))
    place = setting.place if setting.given else next(iter(fact.places), setting.place)
    return EffectiveSetting(path, declared, effective, why, place)


def _declared(setting: Setting) -> Scalar | None:
    """Return what the file says: the value, or a list or a section in a few words; None for an absent key."""
    value = setting.value if setting.written else None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list) and len(value) <= LISTED and all(isinstance(e, bool | int | float | str) for e in value):
        return ", ".join(map(format_value, value))
    return f"{len(value)} entries" if isinstance(value, list | dict) else None


def _worded(text: str, fact: Fact) -> str:
    """Return a text of the table with the fact's value and subject in it."""
    value = fact.value
    return text.format(value=value, subject=fact.subject) if value is not None else text


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
