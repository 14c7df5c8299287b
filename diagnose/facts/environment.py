"""What the run was made with: versions of packages, the GPU, and which of them do not go together."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.core.values import Place
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import NONE, Recorder
from diagnose.rulebase.environments import BadCombination
from diagnose.sources.environment.component import ASKED_FOR


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `env.version` of each part, and the facts `env.*` of each bad combination that is here."""
    components = evidence.everything.environment
    for each in components:
        note = "" if each.installed else ASKED_FOR
        record.known("env.version", each.version, subject=each.name, places=[each.place], note=note)
    versions = {each.name: each.version for each in components}
    places = {each.name: each.place for each in components}
    open_ = set()
    found = False
    for combination in evidence.asked.combinations.values():
        here = combination.is_here(versions)
        if here:
            found = True
            _record_fault(combination, versions, [places[part.of] for part in combination.parts], record)
        elif here is None:
            open_ |= {part.of for part in combination.parts if part.of not in versions}
    if found or not components:
        return
    if open_:
        record.unknown(
            "env.fault", f"not told: the version of {', '.join(sorted(open_))}", places=[components[0].place]
        )
    else:
        record.known("env.fault", NONE, subject=NONE, places=[components[0].place])


def _record_fault(
    combination: BadCombination, versions: Mapping[str, str], places: list[Place], record: Recorder
) -> None:
    told = " with ".join(f"{part.of} {versions[part.of]}" for part in combination.parts)
    record.known("env.fault", combination.says, subject=combination.id, places=places)
    record.known("env.combination", told, subject=combination.id, places=places)
    record.known("env.remedy", combination.do, subject=combination.id, places=places)
    if combination.back_to is not None:
        record.known("env.back_to", combination.back_to, subject=combination.id, places=places)
