"""No second home for a number: what a rule says of a shared count of steps names it, so that it moves with --set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import format_value
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.yaml_places import KeyPath

STEPS = "steps"
"""The unit that is looked for: a number of another unit may stand in a sentence by chance."""


def lint_literals(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each shared count of steps that a text spells out; "per 100 steps" is no target."""
    shared: dict[str, list[str]] = {}
    for name, param in words.knowledge.parameters.items():
        if param.unit == STEPS and is_number(param.value):
            shared.setdefault(format_value(param.value), []).append(name)
    for path, text in _texts(file.rule):
        if "step" not in text:
            continue
        for value, names in shared.items():
            if re.search(rf"(?<![\w.{{])(?<!per ){re.escape(value)}(?![\w.])", text):
                yield file.fault(path, f"{value} is a parameter's: write {{${'} or {$'.join(names)}}}")


def _texts(rule: Rule) -> Iterator[tuple[KeyPath, str]]:
    """Yield what a reader is told now. Why and known problems may speak of the document's own run."""
    yield ("title",), rule.title
    yield ("message",), rule.message
    yield from ((("changes", index, "because"), each.because) for index, each in enumerate(rule.changes))
