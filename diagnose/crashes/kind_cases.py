"""The texts that the kinds of crashes bring along, tried: each must be recognised, and its near misses must not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from diagnose.crashes.matching import Match
from diagnose.crashes.reading import read_text
from diagnose.rulebase.crash_kinds import CrashKind, Phase
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.faults import KeyPath, quoted


def failed_texts(
    kinds: Mapping[str, CrashKind], phases: Mapping[str, Phase]
) -> Iterator[tuple[CrashKind, KeyPath, str]]:
    """Yield each text that does not turn out as its kind says: the kind, the place in its file, and what came out."""
    for kind in kinds.values():
        trainers = () if ANY in kind.trainers else kind.trainers
        for index, case in enumerate(kind.match):
            found = _found(case.text, kinds, phases, trainers)
            path: KeyPath = ("tests", "match", index)
            if found is None or found.kind.id != kind.id:
                yield kind, path, f"taken for {found.kind.id if found else 'nothing'}: {quoted(case.text)}"
                continue
            for name, value in case.kind_values.items():
                if (given := found.values.get(name)) != value:
                    yield kind, path, f"{name} is {given}, not {value}"
        for index, text in enumerate(kind.near_misses):
            found = _found(text, kinds, phases, trainers)
            if found is not None and found.kind.id == kind.id:
                yield kind, ("tests", "not", index), f"taken for this kind: {quoted(text)}"


def _found(
    text: str, kinds: Mapping[str, CrashKind], phases: Mapping[str, Phase], trainers: Collection[str]
) -> Match | None:
    return read_text(text, kinds, phases, trainers=trainers).match
