"""What `explain` says of each condition of a rule adds up to what the engine says of the rule, in every run and config."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from labelled_runs import DATA, SHARED, once

from diagnose import Settings, api
from diagnose.core.values import Intent
from diagnose.rulebase.walk import Role
from diagnose.verdict.examine import Examined, Outcome, examine

RATES = DATA.parents[1] / "data" / "rates"
RUNS = once(SHARED / "real", DATA, RATES)
SOURCES = [*RUNS, *sorted((SHARED / "configs").glob("*.yaml"))]


def implied(examined: Examined) -> Outcome:
    applies: list[bool | None] = []
    clauses: list[bool | None] = []
    groups: dict[int, list[bool | None]] = {}
    for state in examined.conditions:
        if state.group is not None:
            groups.setdefault(state.group, []).append(state.met)
        else:
            (applies if state.role is Role.APPLIES else clauses).append(state.met)
    clauses += [True if True in ways else None if None in ways else False for ways in groups.values()]
    if False in applies:
        return Outcome.OUT_OF_RANGE
    if False in clauses:
        return Outcome.SILENT
    return Outcome.GAP if None in (*applies, *clauses) else Outcome.FIRED


def contradictions(source: Path, intents: Iterable[Intent | None]) -> list[tuple[str, str, str, str]]:
    found: list[tuple[str, str, str, str]] = []
    for intent in intents:
        held = api.understand(source, Settings(intent=intent))
        tried = [each for rule in held.grounds.rules.values() for each in examine(rule, held.grounds)]
        wrong = [each for each in tried if each.outcome is not implied(each)]
        found += [(each.rule.name, each.subject, each.outcome.value, implied(each).value) for each in wrong]
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_states_of_the_conditions_add_up_to_the_outcome(source: Path) -> None:
    assert contradictions(source, (None, Intent.CHARACTER)) == []


def test_so_they_do_in_the_healthy_run(v17_dir: Path) -> None:
    assert contradictions(v17_dir, (None, Intent.CHARACTER)) == []
