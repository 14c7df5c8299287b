"""Rival explanations against the rules and the vocabulary, and whether they can be read and decided."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from diagnose.rulebase.comparison import literals
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.facts import disordered, misplaced_subject, unknown_fact, wrong_type
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.rivals import Rival
from diagnose.rulebase.rule import Condition
from diagnose.rulebase.yaml_places import KeyPath

MOST_SAID = 200
"""Longest explanation or test; it is one line of a list."""


@dataclass(frozen=True, slots=True)
class _Place:
    rival: Rival

    def fault(self, path: KeyPath, text: str) -> Fault:
        return Fault(self.rival.file, self.rival.line, ": ".join(["rivals", self.rival.id, *map(str, path), text]))


def lint_rival(rival: Rival, words: Vocabulary, rules: Collection[str] | None) -> Iterator[Fault]:
    """Yield a fault for each name that leads nowhere, each comparison that cannot hold, and unreadable wording.

    `rules` are the names of all rules; None where some could not be read.
    """
    place = _Place(rival)
    for name in rival.explains if rules is not None else ():
        if rules is not None and name not in rules:
            yield place.fault(("explains",), f"no rule is called {name}{nearest(name, rules)}")
    for condition in rival.conditions:
        yield from _condition(place, condition, words)
    if set(rival.ruled_out_by) & set(rival.supported_by):
        yield place.fault((), "one condition both rules it out and supports it")
    if not any(rival.conditions) and rival.ask is None:
        yield place.fault((), "no fact decides it and nobody is asked; give conditions or ask")
    yield from _wording(place, rival)


def _condition(place: _Place, condition: Condition, words: Vocabulary) -> Iterator[Fault]:
    if condition.fact not in words.entries:
        yield from unknown_fact(place, (), condition.fact, words)
        return
    yield from misplaced_subject(place, (), condition.fact, condition.subject, words)
    for test in condition.tests:
        complaints = [disordered(test, condition.fact, words)]
        complaints += [wrong_type(value, condition.fact, words) for value in literals(test)]
        yield from (place.fault((), complaint) for complaint in complaints if complaint)


def _wording(place: _Place, rival: Rival) -> Iterator[Fault]:
    sentences = {"says": rival.says, **{f"test {test.id}": test.does for test in rival.explains.values()}}
    for key, text in sentences.items():
        if not text[:1].isupper() or not text.endswith("."):
            yield place.fault((key,), "write a sentence: a capital first, a full stop last")
        if len(text) > MOST_SAID:
            yield place.fault((key,), f"{len(text)} characters; at most {MOST_SAID} are read in a list")
    if rival.ask is not None and "?" not in rival.ask:
        yield place.fault(("ask",), "write a question")
