"""The table "you wrote / what happens / why": the settings whose effect is not what the file says.

Which fact belongs to which key is a matter of `knowledge/effective.yaml`; here its rows meet the facts of one config.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from diagnose.core.values import RUN, Fact, Place, Scalar
from diagnose.facts.known import Known
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.knowledge import EffectiveRow
from diagnose.rulebase.message import format_value, keyed
from diagnose.rulebase.rule import EACH
from diagnose.trainers.declared import Config, Setting
from diagnose.trainers.trainer_model import TrainerModel

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
