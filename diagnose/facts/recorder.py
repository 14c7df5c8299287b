"""The one place where facts come into being: every fact is declared, typed and finite, or it is an error of ours.

What an extractor does not record is completed at the end as *known to be unknown*, with the declaration's word on
what to provide. Nothing unknown ever becomes zero or false.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from diagnose.core.errors import EngineError
from diagnose.core.values import RUN, Fact, Place, Quality, Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.rulebase.fact_declarations import FactDeclaration
from diagnose.trainers.declared import Setting

NONE = "none"
"""Subject and value where there is known to be none of a kind, which is not the same as unknown."""
DEFAULT = "the trainer's default; the key is absent"
_TYPES: Mapping[str, tuple[type, ...]] = {"number": (int, float), "text": (str,), "bool": (bool,)}


class Recorder:
    """Collects facts while the extractors run. Not shared between runs."""

    def __init__(self, declarations: Mapping[str, FactDeclaration]) -> None:
        self.declarations = declarations
        self._facts: dict[tuple[str, str], Fact] = {}

    def known(
        self,
        name: str,
        value: Scalar,
        *,
        subject: str = RUN,
        places: Iterable[Place] = (),
        samples: int | None = None,
        note: str = "",
    ) -> None:
        """Record a value. `samples` given makes it an estimate resting on that many observations.

        A number that is not finite is recorded as unknown, with a note that says so.

        Raises:
            EngineError: the name is not declared, the type is not the declared one, or it is recorded twice.
        """
        declaration = self._declaration(name)
        if isinstance(value, float) and not math.isfinite(value):
            self.unknown(name, f"it came out as {value}", subject=subject, places=places)
            return
        allowed = _TYPES[declaration.type]
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            raise EngineError(f"fact {name}: {value!r} is not a {declaration.type}")
        quality = Quality.EXACT if samples is None else Quality.ESTIMATED
        shown = declaration.notation
        self._store(Fact(name, subject, value, declaration.unit, quality, tuple(places), samples, note, shown))

    def setting(self, name: str, found: Setting | None, *, subject: str = RUN, note: str = "") -> None:
        """Record a setting as it is, where there is one."""
        if found is not None:
            note = note or ("" if found.written else DEFAULT)
            self.known(name, found.value, subject=subject, places=[found.place], note=note)

    def unknown(self, name: str, why: str = "", *, subject: str = RUN, places: Iterable[Place] = ()) -> None:
        """Record that a value cannot be known, and what the user could provide."""
        declaration = self._declaration(name)
        note = f"{why}; provide {declaration.provide}" if why else f"provide {declaration.provide}"
        self._store(Fact(name, subject, None, declaration.unit, Quality.UNKNOWN, tuple(places), None, note))

    def adopt(self, fact: Fact) -> None:
        """Record a fact that another recorder made, in place of an unknown one; a known one stays as it is."""
        here = self._facts.get(fact.key)
        if here is None or not here.known:
            self._facts[fact.key] = fact

    @property
    def recorded(self) -> Mapping[tuple[str, str], Fact]:
        """What was recorded so far, by name and subject."""
        return MappingProxyType(self._facts)

    def get(self, name: str, subject: str = RUN) -> Fact | None:
        """Return a fact that was recorded, known or not."""
        return self._facts.get((name, subject))

    def number(self, name: str, subject: str = RUN) -> float | None:
        """Return a number that was recorded, None where it is unknown or not there."""
        fact = self.get(name, subject)
        value = fact.value if fact is not None else None
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def truth(self, name: str, subject: str = RUN) -> bool | None:
        """Return a truth value that was recorded, None where it is unknown or not there."""
        fact = self._facts.get((name, subject))
        return fact.value if fact is not None and isinstance(fact.value, bool) else None

    def places(self, name: str, subject: str = RUN) -> tuple[Place, ...] | None:
        """Return where a value that was recorded was read, None where it is unknown or not there."""
        fact = self._facts.get((name, subject))
        return fact.places if fact is not None and fact.known else None

    def facts(self) -> tuple[Fact, ...]:
        """Return every fact, completed by the unknown ones, in order of name and subject."""
        subjects = {"run": (RUN,), "training": (RUN,), "expert": tuple(expert.value for expert in Expert)}
        for name, declaration in self.declarations.items():
            for subject in subjects.get(declaration.subject, ()):
                if (name, subject) not in self._facts:
                    self.unknown(name, subject=subject)
        return tuple(self._facts[key] for key in sorted(self._facts))

    def _declaration(self, name: str) -> FactDeclaration:
        if name not in self.declarations:
            raise EngineError(f"fact {name} is not declared in knowledge/facts.yaml")
        return self.declarations[name]

    def _store(self, fact: Fact) -> None:
        if fact.key in self._facts:
            raise EngineError(f"fact {fact.name} of {fact.subject} is recorded twice")
        self._facts[fact.key] = fact
