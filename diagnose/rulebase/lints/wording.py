"""The message: every placeholder is bound and its number format suits the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.model import Fact, Scalar
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import SUBJECT, placeholders, render
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.registry import FactType
from diagnose.rulebase.walk import bound_conditions

_SAMPLES: Mapping[FactType, Scalar] = {FactType.NUMBER: 1.5, FactType.TEXT: "text", FactType.BOOL: True}


def lint_wording(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each placeholder that no firing could fill, then render the message once for trial."""
    try:
        named = placeholders(file.rule.message)
    except ValueError as error:
        yield file.fault(("message",), str(error))
        return
    bound = {alias: _sample(alias, condition.fact, words) for alias, condition in bound_conditions(file.rule).items()}
    known = {SUBJECT, *bound, *(f"${param.name}" for param in file.rule.params)}
    unbound = [each.name for each in named if each.name not in known]
    for name in unbound:
        what = "parameter" if name.startswith("$") else "alias under applies or when"
        text = f"{{{name}}} is no {what}{nearest(name, known)}"
        yield file.fault(("message",), text)
    if not unbound:
        try:
            render(file.rule, bound, "high")
        except ValueError as error:
            yield file.fault(("message",), f"a number format does not suit its value: {error}")


def _sample(alias: str, fact: str, words: Vocabulary) -> Fact:
    entry = words.entries.get(fact)
    return Fact(fact, alias, _SAMPLES[entry.type] if entry else 1.5)
