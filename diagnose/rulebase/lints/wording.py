"""The message, and the words and path of each change: every placeholder has a value, and its format suits it.

What a rule only shows may be unknown. So a text names it in optional segments only, and no segment is optional that
could always be filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from diagnose.core.model import Fact, Scalar
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import SUBJECT, Segment, filled_path, placeholders, segments, worded
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.registry import FactType
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.walk import named_facts, shown_by_alias
from diagnose.rulebase.yaml_places import KeyPath

Fill: TypeAlias = "Callable[[str, Rule, Mapping[str, Fact], str], str]"

_SAMPLES: Mapping[FactType, Scalar] = {FactType.NUMBER: 1.5, FactType.TEXT: "text", FactType.BOOL: True}


def lint_wording(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each placeholder that no firing could fill, then word every text once for trial."""
    changes = list(enumerate(file.rule.changes))
    texts: list[tuple[KeyPath, str]] = [(("message",), file.rule.message)]
    texts += [(("changes", index, "because"), change.because) for index, change in changes]
    for place, text in texts:
        try:
            parts = segments(text)
        except ValueError as error:
            yield file.fault(place, str(error))
            continue
        yield from _placeholders(file, place, text, words, worded)
        yield from _optional(file, place, parts)
    for index, change in changes:
        yield from _placeholders(file, ("changes", index, "path"), change.path, words, filled_path)


def _placeholders(file: RuleFile, place: KeyPath, text: str, words: Vocabulary, fill: Fill) -> Iterator[Fault]:
    try:
        named = {each.name for each in placeholders(text)}
    except ValueError as error:
        yield file.fault(place, str(error))
        return
    samples = {alias: _sample(alias, each.fact, words) for alias, each in named_facts(file.rule).items()}
    known = {SUBJECT, *samples, *(f"${param.name}" for param in file.rule.params)}
    for name in sorted(named - known):
        what = "parameter" if name.startswith("$") else "alias under applies, when or show"
        yield file.fault(place, f"{{{name}}} is no {what}{nearest(name, known)}")
    if named <= known:
        try:
            fill(text, file.rule, samples, "high")
        except ValueError as error:
            yield file.fault(place, f"a number format does not suit its value: {error}")


def _optional(file: RuleFile, place: KeyPath, parts: Sequence[Segment]) -> Iterator[Fault]:
    shown = shown_by_alias(file.rule).keys()
    for part in parts:
        if part.optional and part.names.isdisjoint(shown):
            yield file.fault(place, "a part in [ ] names nothing under show, so it is never left out: drop the [ ]")
        for name in sorted(part.names & shown) if not part.optional else ():
            yield file.fault(place, f"{{{name}}} may be unknown: put what needs it in [ ], which is left out then")


def _sample(alias: str, fact: str, words: Vocabulary) -> Fact:
    entry = words.entries.get(fact)
    return Fact(fact, alias, _SAMPLES[entry.type] if entry else 1.5)
