"""The message, and the words and path of each change: every placeholder is bound, and its format suits the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.model import Fact, Scalar
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import SUBJECT, filled, placeholders
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.registry import FactType
from diagnose.rulebase.walk import bound_conditions
from diagnose.rulebase.yaml_places import KeyPath

_SAMPLES: Mapping[FactType, Scalar] = {FactType.NUMBER: 1.5, FactType.TEXT: "text", FactType.BOOL: True}


def lint_wording(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each placeholder that no firing could fill, then word every text once for trial."""
    yield from _text(file, ("message",), file.rule.message, words)
    for index, change in enumerate(file.rule.changes):
        yield from _text(file, ("changes", index, "because"), change.because, words)
        yield from _text(file, ("changes", index, "path"), change.path, words)


def _text(file: RuleFile, place: KeyPath, text: str, words: Vocabulary) -> Iterator[Fault]:
    try:
        named = {each.name for each in placeholders(text)}
    except ValueError as error:
        yield file.fault(place, str(error))
        return
    bound = {alias: _sample(alias, condition.fact, words) for alias, condition in bound_conditions(file.rule).items()}
    known = {SUBJECT, *bound, *(f"${param.name}" for param in file.rule.params)}
    for name in sorted(named - known):
        what = "parameter" if name.startswith("$") else "alias under applies or when"
        yield file.fault(place, f"{{{name}}} is no {what}{nearest(name, known)}")
    if named <= known:
        try:
            filled(text, file.rule, bound, "high")
        except ValueError as error:
            yield file.fault(place, f"a number format does not suit its value: {error}")


def _sample(alias: str, fact: str, words: Vocabulary) -> Fact:
    entry = words.entries.get(fact)
    return Fact(fact, alias, _SAMPLES[entry.type] if entry else 1.5)
