"""A report whose every text is an attack renders with the structure of a harmless one."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec import Struct
from msgspec.structs import asdict, replace

from diagnose.report.formats import render
from diagnose.report.spans import plain
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Conflict
from diagnose.verdict.report import Report

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](https://e.com/x.png) <https://e.com> https://e.com",
    "x\n\n# Heading\n\n- item\n\n| a | b |\n| - | - |\n| c | d |",
    "a | b || c \\| d \\\\| e",
    "`code` ``more`` ```\n```\nout of the fence\n```",
    "~~~\n</code></pre></table></main>",
    "**bold** __bold__ *it* _it_ ~~gone~~ $x$",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "[ref]: https://e.com\n[ref]",
    "\x1b[2J\x1b]0;t\x07 \u202e \x00 \r\n---\r===\r",
    "1. one\n2. two",
    "    indented code",
    "> quoted",
    "\\",
    "`",
    "<!--",
    "]]>",
]
INLINE = {"text", "text_special", "code_inline", "strong_open", "strong_close", "em_open", "em_close"}


class Tags(HTMLParser):
    """Collects start tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag + "".join(f" {name}" for name, _ in attrs))


@pytest.fixture(scope="module")
def full(failing: Report) -> Report:
    """The failing run with everything else a page can hold: a removed key, a conflict, a note."""
    edit = failing.next.changes[0]
    removed = replace(edit, op=ChangeOp.REMOVE, new=None, applicability=Applicability.REVIEW)
    by_hand = replace(edit, applicability=Applicability.MANUAL)
    conflict = Conflict("train.lr", (("one-rule", "1e-4"), ("another-rule", "2e-4")))
    plan = replace(
        failing.next, changes=(*failing.next.changes, removed, by_hand), conflicts=(conflict,), note="A note."
    )
    return replace(failing, next=plan)


@pytest.fixture(scope="module", params=["full", "ahead"])
def report(request: pytest.FixtureRequest) -> Report:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Report)
    return made


def poisoned(value: object, payload: str) -> object:
    """Copy a value with `payload` in place of every text; enumerations stay."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return payload
    if isinstance(value, tuple):
        return tuple(poisoned(item, payload) for item in value)
    if isinstance(value, Struct):
        return replace(value, **{name: poisoned(part, payload) for name, part in asdict(value).items()})
    return value


def poison(report: Report, payload: str) -> Report:
    result = poisoned(report, payload)
    assert isinstance(result, Report)
    return result


def blocks(markdown: str) -> list[str]:
    """The block structure of a page, and the check that no line of it holds more than plain emphasis."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    for token in tokens:
        assert {child.type for child in token.children or []} <= INLINE, token.content
    return [token.type for token in tokens]


@pytest.fixture(scope="module")
def harmless(report: Report) -> list[str]:
    return blocks(render(poison(report, "word"), "markdown"))


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, tuple):
        yield from (text for item in value for text in texts(item))
    elif isinstance(value, Struct):
        yield from (text for part in asdict(value).values() for text in texts(part))


def test_poison_reaches_every_text(full: Report) -> None:
    assert set(texts(poison(full, "x"))) == {"x"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_changes_the_structure_of_the_page(report: Report, harmless: list[str], attack: str) -> None:
    assert blocks(render(poison(report, attack), "markdown")) == harmless


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_adds_a_tag(report: Report, attack: str) -> None:
    ours = set(Tags(render(poison(report, "word"), "html")).found) | {"wbr"}  # a long text may break
    assert set(Tags(render(poison(report, attack), "html")).found) <= ours


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_breaks_the_other_views(report: Report, attack: str) -> None:
    attacked = poison(report, attack)
    assert '"schema": "diagnose/report/1"' in render(attacked, "json")
    assert "\x1b" not in render(attacked, "terminal", width=100, color=False)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.text(max_size=30).filter(lambda text: plain(text) != ""))
def test_no_text_changes_the_structure_of_the_page(report: Report, harmless: list[str], payload: str) -> None:
    assert blocks(render(poison(report, payload), "markdown")) == harmless
