"""The report's own words are plain: none of those that readers stumbled over is in a text that a view prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import diagnose.report

HOME = Path(diagnose.report.__file__).parent
STILTED = re.compile(
    r"\b(the document(?!ation)|rests? on|stands?|standing|equals|wants?|waits? for|hangs? on|is to come|comes? to|"
    r"at hand|by all the evidence|besides|cannot be told|apart from|anew|scatter of|the samples have to|"
    r"no say|shown only|in place of|nothing known|supported by this run|cheapest test)\b",
    re.IGNORECASE,
)


def printed(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module but its docstrings."""
    docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.py")), ids=lambda path: path.stem)
def test_no_printed_text_is_stilted(path: Path) -> None:
    texts = printed(ast.parse(path.read_text(encoding="utf-8")))
    assert [text for text in texts if " " in text and STILTED.search(text)] == []


def test_the_words_are_found_where_they_are() -> None:
    tree = ast.parse('"""It stands."""\nx = "the ratio that motion wants"\ny = f"{x} rests on one run"\n')
    assert [text for text in printed(tree) if STILTED.search(text)] == [
        "the ratio that motion wants",
        " rests on one run",
    ]
