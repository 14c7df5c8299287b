"""The HTML page: complete, alone, and of our own tags only."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from diagnose.report.formats import render
from diagnose.verdict.report import Report

PAGE = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "nav", "a", "details", "summary"}
FIGURE = {"figure", "figcaption", "svg", "g", "rect", "line", "path", "circle", "text", "tspan"}
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "data-status",
    "id",
    "href",
    "open",
    "tabindex",
    "data-name",
}
DRAWN = {
    "viewbox", "role", "aria-label", "x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "d",
    "dx", "text-anchor", "fill-opacity",
}  # fmt: skip
TEXT = {"h1", "h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "span", "div", "wbr"}
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
    assert {tag for tag, _ in page.tags} <= PAGE | TEXT | TABLE | FIGURE
    names = {attribute for _, attributes in page.tags for attribute in attributes}
    assert names <= ATTRIBUTES | DRAWN
    assert all((a["href"] or "").startswith("#part-") for _, a in page.tags if "href" in a)


def test_the_policy_allows_this_style_sheet_and_nothing_else(failing: Report) -> None:
    page = render(failing, "html")
    policies = [a["content"] for tag, a in Tags(page).tags if tag == "meta" and "http-equiv" in a]
    style = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    ]
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_title_and_status_come_from_the_report(failing: Report) -> None:
    page = render(replace(failing, run=replace(failing.run, name="</title><b>")), "html")
    assert "<title>&lt;/title&gt;&lt;b&gt;</title>" in page
    assert '<body data-status="failing">' in page


def test_tables_and_diff_are_dressed_by_class(failing: Report) -> None:
    tags = Tags(render(failing, "html")).tags
    assert ("table", {"class": "from-1"}) in tags
    kinds = [attributes["class"] for tag, attributes in tags if tag == "span"]
    assert kinds.count("line place") == 3
    assert kinds.count("line plus") == 2
    assert kinds.count("line minus") == 2


def test_the_text_is_the_markdown_pages_text(failing: Report) -> None:
    text = Tags(render(failing, "html")).text
    for words in ("What matters first", "1.48e-4", "0.005605", "uint4|adapters/wan22.safetensors", "+7.1 %"):
        assert words in text


def test_the_contents_lead_to_every_chapter(failing: Report) -> None:
    tags = Tags(render(failing, "html")).tags
    links = [a["href"] for tag, a in tags if tag == "a"]
    chapters = [f"#{a['id']}" for tag, a in tags if tag in {"section", "details"} and "id" in a]
    assert links == chapters
    assert len(chapters) > 10


def test_only_the_first_chapter_is_unfolded(failing: Report) -> None:
    chapters = [a for tag, a in Tags(render(failing, "html")).tags if tag == "details" and a.get("class") == "chapter"]
    assert ["open" in chapter for chapter in chapters] == [True, *[False] * (len(chapters) - 1)]


def test_each_finding_can_be_unfolded(failing: Report) -> None:
    page = render(failing, "html")
    start = page.index("<summary><h3>1. The learning-rate ratio is too small for motion</h3>")
    summary = page[start : page.index("</summary>", start)]
    assert '<span class="label"><strong>Major</strong> · <code>lr-ratio-too-small</code></span>' in summary


def test_the_first_screen_answers_before_anything_else(failing: Report) -> None:
    page = render(failing, "html")
    header = page[page.index("<header>") : page.index("</header>")]
    order = ["<h1>run-v15</h1>", ">Failing<", "too small for motion.", "How sure:", "<h2>Do this</h2>", "<ol>"]
    places = [header.index(words) for words in order]
    assert places == sorted(places)
    assert page.index("</header>") < page.index("<nav") < page.index("<figure")
    assert "Nothing to change." in render(failing_without_steps(failing), "html")


def failing_without_steps(report: Report) -> Report:
    calm = replace(report.next, changes=(), config=None, diff=None)
    bare = replace(report, findings=(), next=calm, checkpoints=(), evolution=None, not_evaluated=())
    return replace(bare, run=replace(report.run, resumes_from=None))


def test_a_figure_has_its_words_its_key_and_its_table(failing: Report) -> None:
    page = render(failing, "html")
    start = page.index('<figure id="figure-weight-ratio">')
    figure = page[start : page.index("</figure>", start)]
    assert "<h3>Weight ratio high/low</h3>" in figure
    assert '<span class="one">ratio</span>' in figure
    assert "<summary>The same as a table</summary>" in figure
    assert figure.count("<tr>") == 31


def test_the_ratio_is_the_first_figure_and_each_has_a_name_of_its_own(failing: Report) -> None:
    names = [
        (a["id"] or "").removeprefix("figure-") for tag, a in Tags(render(failing, "html")).tags if tag == "figure"
    ]
    assert names == [
        "ratio", "rates", "weight-ratio", "update", "strength", "growth", "loss-high", "loss-low", "map-high", "timeline",
    ]  # fmt: skip


def test_a_report_without_figures_has_no_such_chapter(unknown: Report) -> None:
    page = render(unknown, "html")
    assert "<figure" not in page
    assert ">Figures<" not in page


def test_the_terms_are_explained_at_the_end(failing: Report) -> None:
    page = render(replace(failing, glossary={"update norm": "the size of what the LoRA adds"}), "html")
    assert "<li><strong>update norm</strong>: the size of what the LoRA adds.</li>" in page
    assert page.index(">Appendix<") < page.index("<h2>Terms</h2>")
    assert "<h2>Terms</h2>" not in render(failing, "html")


def test_no_folder_of_the_machine_is_on_the_page(failing: Report) -> None:
    page = render(replace(failing, run=replace(failing.run, path="/home/ann lee/out/run-v15")), "html")
    assert "ann lee" not in page
    assert "ann lee" in render(replace(failing, run=replace(failing.run, path="ann lee/run-v15")), "html")
