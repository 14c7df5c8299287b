from __future__ import annotations

import pytest
from config_documents import dumped, handwritten
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config import yaml_tree
from diagnose.sources.config.tree import MAX_DEPTH, MAX_NODES, Document, Kind, Node
from diagnose.sources.config.yaml_tree import Shield, parse_yaml, placeholders


def root(text: str) -> Node:
    node = parse_yaml(text).root
    assert node is not None
    return node


def spans(text: str) -> dict[str, str]:
    return {entry.name: text[entry.value.start : entry.value.end] for entry in root(text).entries}


def by_pyyaml(text: str) -> Document:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_tree, "_FastParser", yaml_tree._PythonParser)
        return parse_yaml(text)


def test_spans_are_what_is_written_and_no_more() -> None:
    text = (
        "a: 1e-5  # c\nb: 'it''s'\nc: [1, 2]  # c\nd:\n  e: 1\n\n  # c\nf: |\n  x\n  y\n\n# c\n"
        "g: &h 5\ni: !!str 6\nj: *h\nk:\nl: one\n  two\n"
    )
    assert spans(text) == {
        "a": "1e-5",
        "b": "'it''s'",
        "c": "[1, 2]",
        "d": "e: 1",
        "f": "|\n  x\n  y",
        "g": "5",
        "i": "!!str 6",
        "j": "*h",
        "k": "",
        "l": "one\n  two",
    }


def test_a_value_that_is_not_written_stands_behind_its_colon() -> None:
    text = "a:   # c\nb: {c:  , d, e:\n }\n"
    first, second = root(text).entries
    assert text[: first.value.start] == "a:"
    assert [text[entry.value.start - 1] for entry in second.value.entries] == [":", "d", ":"]


def test_an_empty_text_has_no_root() -> None:
    assert parse_yaml("").root is None
    assert parse_yaml("# nothing\n").root is None


def test_aliases_repeat_their_anchor() -> None:
    document = parse_yaml("a: &x {b: 1}\nc: *x\nd: &y 2\n")
    assert document.aliased == {"x"}
    assert document.root is not None
    original, alias, _ = document.root.entries
    assert alias.value.alias
    assert alias.value.entries == original.value.entries


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b: c\n", "line 1, column 5: not YAML: mapping values are not allowed here"),
        ("a:\n\t- b\n", r"line 2, column 1: .* \(a tab; use spaces\)"),
        ("a: 1\t# c\n", r"line 1, column 5: .* \(a tab"),
        ("a: [why?, b]\n", "line 1, column 8: not YAML"),
        ("a: 'x\n", "line 2, column 1: not YAML"),
        ("a: \x07\n", "line 1, column 4: not YAML: special characters"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document"),
        ("%YAML 1.1#\n---\na: 1\n", "line 1, column 10: not YAML"),
        ("a: *x\n", "line 1: nothing is anchored as &x"),
        ("a: &x 1\nb: &x 2\n", "line 2: the anchor &x is there already"),
        ("a: &x [1, *x]\n", "line 1: &x contains itself"),
        ("? [a]\n: b\n", "line 1: a list or mapping where a key should be"),
    ],
)
def test_what_the_trainer_cannot_parse_is_refused_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DiagnoseError, match=problem):
        parse_yaml(text)


def test_line_numbers_count_like_an_editor() -> None:
    with pytest.raises(DiagnoseError, match="line 3, column 5"):
        parse_yaml('a: "\u2028\x85"\r\nb: 1\rc: d: e\r\n')


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(opening: str) -> None:
    with pytest.raises(DiagnoseError, match=f"{MAX_DEPTH} levels"):
        parse_yaml(opening * 100_000)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    levels = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    with pytest.raises(DiagnoseError, match=f"more than {MAX_NODES} values"):
        parse_yaml("a0: &a0 [x]\n" + levels)


def test_aliases_count_towards_the_depth() -> None:
    levels = "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, MAX_DEPTH + 1))
    with pytest.raises(DiagnoseError, match=f"{MAX_DEPTH} levels"):
        parse_yaml("a0: &a0 [x]\n" + levels)


def test_merged_entries_come_before_own_ones() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  y: 3\n  <<: [*a, *b]\n"
    last = root(text).entries[-1].value
    assert {entry.name: entry.value.value for entry in last.effective()} == {"x": 1, "y": 3, "z": 2}


def test_a_placeholder_is_text_even_in_brackets() -> None:
    node = root("a: [${HOME}, x]\n").entries[0].value
    assert node.kind is Kind.SEQUENCE
    assert node.entries[0].value.value == "${HOME}"


@settings(max_examples=100, deadline=None)
@given(st.one_of(dumped(), handwritten()))
def test_both_parsers_give_the_same_tree(text: str) -> None:
    assert parse_yaml(text) == by_pyyaml(text)


def test_every_placeholder_is_found_comments_included() -> None:
    text = "a: ${ONE} # ${TWO}\nb: $THREE ${}\n"
    assert [name for _, name in placeholders(text)] == ["ONE", "TWO"]
    assert [text[offset : offset + 2] for offset, _ in placeholders(text)] == ["${", "${"]


def test_a_shielded_text_keeps_its_length_and_comes_back() -> None:
    text = "a: [${ONE}, x${TWO}y]"
    shield = Shield(text)
    assert len(shield.text) == len(text)
    assert "{" not in shield.text
    assert shield.restore(shield.text) == text


def test_a_text_with_the_private_characters_is_left_alone() -> None:
    text = "a: ${ONE} \ue000"
    shield = Shield(text)
    assert shield.text == text
    assert shield.restore("\ue000") == "\ue000"


def test_openings_without_end_are_passed_over_quickly() -> None:
    text = "${" * 200_000
    assert Shield(text).text == text
    assert not list(placeholders(text))
