"""What a path leads to, and what an edit must not touch."""

from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import parse
from diagnose.verdict.edit.target import check_replaceable, locate

TEXT = """\
a: 1
b: {c: 2}
d: ~
e: [1, {f: 3}]
base: &base {g: 4}
used: *base
merged:
  <<: *base
  h: 5
twice: 1
twice: 2
"""


@pytest.mark.parametrize(
    ("path", "value", "missing"),
    [
        ("a", 1, ()),
        ("b.c", 2, ()),
        ("e[1].f", 3, ()),
        ("d", None, ()),
        ("d.x.y", None, ("x", "y")),
        ("used", None, ()),
        ("merged.h", 5, ()),
        ("twice", 2, ()),
    ],
)
def test_what_is_written(path: str, value: object, missing: tuple[str, ...]) -> None:
    target = locate(parse(TEXT, json=False), path)
    assert target.entry is not None
    assert (target.entry.value.value, target.missing) == (value, missing)


@pytest.mark.parametrize(
    ("path", "missing"), [("x", ("x",)), ("x.y", ("x", "y")), ("b.x.y", ("x", "y")), ("merged.g", ("g",))]
)
def test_what_is_not_written_says_which_keys_are_missing(path: str, missing: tuple[str, ...]) -> None:
    target = locate(parse(TEXT, json=False), path)
    assert (target.entry, target.missing) == (None, missing)
    assert (target.holder is None) is (path[0] == "x")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "^the document: nothing to edit there"),
        ("a.x", "a is 1, not a mapping"),
        ("e[2]", r"no list item \[2\]"),
        ("e[5].x", r"no list item \[5\]"),
        ("a[0]", "a is 1, not a mapping|no list item"),
        ("e.x", "a list where x would need a mapping"),
        ("base.g", "lies in &base, which is used in several places"),
        ("used.g", "lies in &None|lies in &base"),
        ("merged.g.x", r"g comes from a merge \(<<\)"),
        ("x[0]", "there is no such list"),
        ("d[0]", "there is no such list"),
    ],
)
def test_what_cannot_be_edited_is_refused(path: str, says: str) -> None:
    with pytest.raises(DiagnoseError, match=says):
        locate(parse(TEXT, json=False), path)


def test_a_document_of_nothing_and_an_explicit_key_are_refused() -> None:
    with pytest.raises(DiagnoseError, match="nothing to edit there"):
        locate(parse("", json=False), "a")
    for path in ("a", "b"):
        with pytest.raises(DiagnoseError, match="a key here is written with"):
            locate(parse("? a\n: 1\n", json=False), path)


def test_an_anchor_that_is_used_elsewhere_is_not_lost() -> None:
    document = parse(TEXT, json=False)
    for path, refused in (("base", True), ("used", False), ("a", False)):
        entry = locate(document, path).entry
        assert entry is not None
        if refused:
            with pytest.raises(DiagnoseError, match=r"&base is here and is used elsewhere as \*base"):
                check_replaceable(entry, document, path)
        else:
            check_replaceable(entry, document, path)


def test_an_anchor_of_a_key_or_of_something_inside_is_not_lost_either() -> None:
    document = parse("a: {&k b: 1}\nc: *k\nd: {e: &v 1}\nf: *v\n", json=False)
    for path in ("a", "d", "a.b"):
        entry = locate(document, path).entry
        assert entry is not None
        with pytest.raises(DiagnoseError, match="is here and is used elsewhere"):
            check_replaceable(entry, document, path)
