from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config import tree
from diagnose.sources.config.tree import Budget, Entry, Kind, Lines, Node, after_colon, without_blank_lines
from diagnose.sources.config.yaml_tree import parse_yaml


@pytest.mark.parametrize(("offset", "line", "column"), [(0, 1, 1), (2, 1, 3), (3, 2, 1), (6, 3, 1), (7, 4, 1)])
def test_lines_are_counted_as_an_editor_does(offset: int, line: int, column: int) -> None:
    lines = Lines("ab\nc\r\n\rd")
    assert (lines.line(offset), lines.column(offset)) == (line, column)


def test_a_budget_is_of_values_and_of_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_NODES", 2)
    budget = Budget(Lines("a\nb\nc"))
    budget.spend(0, 1, size=2)
    with pytest.raises(DiagnoseError, match="line 2: more than 2 values"):
        budget.spend(2, 1)
    with pytest.raises(DiagnoseError, match=f"line 1: more than {tree.MAX_DEPTH} levels"):
        Budget(Lines("a")).spend(0, tree.MAX_DEPTH + 1)


def test_of_merged_mappings_the_first_wins_and_an_own_key_over_both() -> None:
    root = parse_yaml("- &a {x: 1, y: 1, z: 1}\n- &b {x: 2, y: 2}\n- <<: [*b, *a]\n  y: 3\n").root
    assert root is not None
    last = {entry.name: entry.value.value for entry in root.entries[2].value.effective()}
    assert last == {"x": 2, "y": 3, "z": 1}


def test_a_key_that_is_no_text_is_the_text_of_its_json() -> None:
    keys = [Node(Kind.SCALAR, 0, 0, value=key) for key in ("a", 1, True, None)]
    assert [Entry(key, key).name for key in keys] == ["a", "1", "true", "null"]


def test_what_lies_between_a_key_and_its_value() -> None:
    text = "key :  1\n\n  \nother: 2"
    root = parse_yaml(text).root
    assert root is not None
    assert root.entries[0].key is not None
    assert after_colon(text, root.entries[0].key) == 5
    assert without_blank_lines(text, 0, text.index("other")) == text.index("\n")
