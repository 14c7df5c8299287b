"""The working memory: what is known, what is known to be unknown, and what was never produced.

It knows which conclusions are settled. Of those, what was not concluded is known to be false, unless it was left
open for every subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact
from diagnose.engine.inference import Key
from diagnose.rulebase.rule import EACH


class Memory:
    """Facts by name and subject. It only grows: the run's facts first, then each stage's conclusions."""

    def __init__(self, facts: Sequence[Fact], derived: frozenset[str]) -> None:
        """Take the run's facts; `derived` names what the rules will conclude.

        Raises:
            EngineError: a fact is given twice, or given and derived.
        """
        self._facts: dict[Key, Fact] = {}
        self._subjects: dict[str, set[str]] = {}
        self._settled: set[str] = set()
        for fact in facts:
            if fact.key in self._facts:
                raise EngineError(f"fact {fact.name} of {fact.subject} is given twice")
            if fact.name in derived:
                raise EngineError(f"fact {fact.name} of {fact.subject} is given, and a rule derives it")
            self._put(fact)

    def read(self, key: Key) -> Fact | None:
        """Return the fact if its value is known, None if it is unknown or was never produced."""
        name, subject = key
        fact = self._facts.get(key)
        if not self.is_settled(name):
            return fact if fact is not None and fact.known else None
        if fact is None or fact.value is False:
            return None if self.is_open(name) else Fact(name=name, subject=subject, value=False)
        return fact if fact.known else None

    def is_settled(self, name: str) -> bool:
        """Return whether this is a conclusion of a stage that is closed."""
        return name in self._settled

    def is_open(self, name: str) -> bool:
        """Return whether this conclusion might be drawn about subjects that no fact names."""
        fact = self._facts.get((name, EACH))
        return fact is not None and not fact.known

    def left_open(self) -> tuple[Fact, ...]:
        """Return the conclusions that may hold or not, in the order they were left open."""
        return tuple(fact for fact in self._facts.values() if fact.name in self._settled and not fact.known)

    def subjects(self, name: str) -> frozenset[str]:
        """Return the subjects for which the fact exists, its value known or not."""
        return frozenset(self._subjects.get(name, ())) - {EACH}

    def settle(self, names: Iterable[str], conclusions: Iterable[Fact]) -> None:
        """Close a stage that derives `names`: add its conclusions; from now on what is missing is false.

        A conclusion of several stages keeps the strongest answer: true, then unknown, then false.
        """
        self._settled.update(names)
        for fact in conclusions:
            if _strength(fact) > _strength(self._facts.get(fact.key)):
                self._put(fact)

    def _put(self, fact: Fact) -> None:
        self._facts[fact.key] = fact
        self._subjects.setdefault(fact.name, set()).add(fact.subject)


def _strength(conclusion: Fact | None) -> int:
    if conclusion is None:
        return 0
    if not conclusion.known:
        return 2
    return 3 if conclusion.value is True else 1
