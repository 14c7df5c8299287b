"""No rule, finding, conclusion, claim or answer is named in the program: to rename one touches its YAML alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.settings import Settings, rule_base

PACKAGE = Path(__file__).parents[2] / "diagnose"
BASE = rule_base(Settings())
NAMES = (
    {rule.id for rule in BASE.rules}
    | {rule.name for rule in BASE.rules}
    | {name for rule in BASE.rules for name in rule.derives}
    | {answer.name for question in BASE.knowledge.questions.values() for answer in question.answers}
    | set(BASE.knowledge.claims)
)
WORD = re.compile(r"[A-Za-z][\w.-]*\w")
EXAMPLES = frozenset({"rulebase/reading/shapes.py", "cli/explain_command.py", "sources/project_file.py"})
"""Modules that name a rule as an example of how names are written."""


def texts(source: str) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings."""
    tree = ast.parse(source)
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_rule_is_named_in_the_program(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    named = {word for text in texts(path.read_text(encoding="utf-8")) for word in WORD.findall(text)}
    assert name in EXAMPLES or not named & NAMES
