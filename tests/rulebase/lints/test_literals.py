"""A number of the parameters stands in no sentence of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from knowledge_files import load_knowledge

from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.lints.literals import lint_literals
from diagnose.rulebase.lints.vocabulary import vocabulary
from diagnose.rulebase.reading.build import RuleFile

WORDS = vocabulary((), load_knowledge(knowledge_dir()), {}, complete=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a run ends at 2200 steps", 1),
        ("a save every 100 steps", 1),
        ("a run ends at {$steps_max} steps", 0),
        ("it moves by 2 % per 100 steps", 0),
        ("a rate of 2200 a second", 0),
        ("22000 steps, or 0.1800 of a step", 0),
    ],
)
def test_a_number_in_a_sentence_names_its_parameter(file_of: Callable[..., RuleFile], text: str, found: int) -> None:
    file = file_of("symptom")
    spoken = replace(file, rule=replace(file.rule, message=text))
    assert len(list(lint_literals(spoken, WORDS))) == found
