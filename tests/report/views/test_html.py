"""The HTML page: complete, alone, and of our own tags only."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from diagnose.report.blocks import paragraph
from diagnose.report.formats import render
from diagnose.report.spans import prose
from diagnose.report.views.html import html
from diagnose.verdict.report import Report

PAGE = {"html", "head", "meta", "title", "style", "body", "main"}
TEXT = {"h1", "h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "span", "div"}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """Collects tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", ["failing", "healthy", "unknown"])
def test_the_page_is_self_contained(name: str, request: pytest.FixtureRequest) -> None:
    page = Tags(render(request.getfixturevalue(name), "html"))
    assert {tag for tag, _ in page.tags} <= PAGE | TEXT | TABLE
    names = {attribute for _, attributes in page.tags for attribute in attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "data-status"}


def test_the_policy_allows_this_style_sheet_and_nothing_else(failing: Report) -> None:
    page = render(failing, "html")
    policies = [a["content"] for tag, a in Tags(page).tags if tag == "meta" and "http-equiv" in a]
    style = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_title_and_status_come_from_the_report(failing: Report) -> None:
    page = render(replace(failing, run=replace(failing.run, name="</title><b>")), "html")
    assert "<title>&lt;/title&gt;&lt;b&gt;</title>" in page
    assert '<body data-status="failing">' in page


def test_tables_and_diff_are_dressed_by_class(failing: Report) -> None:
    tags = Tags(render(failing, "html")).tags
    assert ("td", {"class": "figure"}) in tags
    kinds = [attributes["class"] for tag, attributes in tags if tag == "span"]
    assert kinds.count("line place") == 3
    assert kinds.count("line plus") == 2
    assert kinds.count("line minus") == 2


def test_the_text_is_the_markdown_pages_text(failing: Report) -> None:
    text = Tags(render(failing, "html")).text
    for words in ("What matters first", "1.48e-4", "0.005605", "uint4|adapters/wan22.safetensors", "+7.1 %"):
        assert words in text


def test_markup_in_a_text_is_text() -> None:
    assert html([paragraph(prose("<b>x</b> & `<i>`"))]) == (
        "<p>&lt;b&gt;x&lt;/b&gt; &amp; <code>&lt;i&gt;</code></p>\n"
    )
