"""The HTML page in a real browser: in the frame of the trainer's interface, on a phone, in the dark, on paper.

Needs Chromium on this machine, and axe-core for the last tests; `.ci/browser` installs both.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
from clips import animated_webp, moving
from msgspec.structs import replace

from diagnose import Settings, postmortem, preflight
from diagnose.core.values import Intent
from diagnose.report.formats import render
from diagnose.sources.readings import SampleFile
from diagnose.verdict.film import with_film

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(os.environ.get("AXE_CORE", f"{sys.prefix}/node_modules/axe-core/axe.min.js"))
RUNS = Path(__file__).parents[1] / "runs" / "data"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
OVERFLOWING = """() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && box.right > document.documentElement.clientWidth + 1 && !e.closest('.wide, pre, svg');
}).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40))"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/browser installs it")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(v15_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of four kinds: a run with all figures and previews, a broken run, one without a log, and a config."""
    folder = tmp_path_factory.mktemp("previews")
    (folder / "samples").mkdir()
    made = tuple(SampleFile(f"samples/{step}.webp", step, 0, 0) for step in (0, 1000, 2000))
    for each in made:
        animated_webp(folder / each.file, moving(4))
    motion = Settings(intent=Intent.MOTION)
    whole = postmortem(v15_dir, motion)
    whole = with_film(replace(whole, curves=replace(whole.curves, previews=made)), folder)
    assert len(whole.film) == 3
    return {
        "whole": render(whole, "html"),
        "broken": render(postmortem(RUNS / "fork-nan", motion), "html"),
        "without a log": render(postmortem(RUNS / "main-o_j_nologging"), "html"),
        "config": render(preflight(RUNS / "fork-dropped-keys" / "config.yaml", motion), "html"),
    }


class Opened:
    """A page on a screen, and what the browser had to say about it."""

    def __init__(self, browser: Any, html: str, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": DESK, **context})
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked(request.url))
        self.page.set_content(html)

    def asked(self, url: str) -> None:
        if not url.startswith(("data:", "about:")):
            self.said.append(f"asked for {url}")

    def __enter__(self) -> Opened:  # noqa: PYI034 - it has no children
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def shown(where: Any, selector: str) -> bool:
    visible: bool = where.evaluate(
        "s => getComputedStyle(document.querySelector(s)).visibility === 'visible'", selector
    )
    return visible


KINDS = ("whole", "broken", "without a log", "config")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_in_the_interfaces_frame_nothing_is_asked_for_and_nothing_is_too_wide(
    browser: Any, pages: dict[str, str], kind: str, screen: dict[str, int]
) -> None:
    style = "border:0;width:100%;height:100vh"
    frame = f'<body style="margin:0"><iframe sandbox="allow-scripts" style="{style}" srcdoc="{escape(pages[kind])}">'
    with Opened(browser, frame, viewport=screen) as opened:
        inside = opened.page.frames[1]
        inside.wait_for_selector("h1")
        inside.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert inside.evaluate(OVERFLOWING) == []
        assert inside.evaluate("document.documentElement.scrollWidth") <= screen["width"]
        assert opened.said == []


def test_a_pointer_on_a_step_shows_its_values(browser: Any, pages: dict[str, str]) -> None:
    step = "#figure-weight-ratio .hit:nth-of-type(12)"
    with Opened(browser, pages["whole"]) as opened:
        assert not shown(opened.page, f"{step} .tip")
        opened.page.hover(f"{step} > rect")
        assert shown(opened.page, f"{step} .tip")
        assert opened.page.text_content(f"{step} .tip").startswith("step ")


def test_a_tap_on_a_step_shows_its_values(browser: Any, pages: dict[str, str]) -> None:
    step = "#figure-rates .hit:nth-of-type(9)"
    with Opened(browser, pages["whole"], viewport=PHONE, has_touch=True, is_mobile=True) as opened:
        opened.page.tap(f"{step} > rect")
        assert shown(opened.page, f"{step} .tip")


def test_without_scripts_figures_are_there_and_parts_unfold(browser: Any, pages: dict[str, str]) -> None:
    with Opened(browser, pages["whole"], java_script_enabled=False) as opened:
        assert opened.page.locator("figure svg.plot").count() >= 8
        assert opened.page.locator("figure img").count() == 3
        table = opened.page.locator("#figure-ratio table")
        assert not table.is_visible()
        opened.page.click("#figure-ratio summary")
        assert table.is_visible()


def test_the_contents_lead_to_their_chapters(browser: Any, pages: dict[str, str]) -> None:
    with Opened(browser, pages["whole"]) as opened:
        links = opened.page.locator("nav a")
        links.nth(links.count() - 1).click()
        assert opened.page.evaluate("window.scrollY") > 1000
        assert opened.said == []


def test_the_dark_page_is_dark_and_the_printed_one_is_whole(browser: Any, pages: dict[str, str]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with Opened(browser, pages["whole"]) as light, Opened(browser, pages["whole"], color_scheme="dark") as dark:
        assert light.page.evaluate(paper) == "rgb(253, 252, 250)"
        assert dark.page.evaluate(paper) == "rgb(27, 26, 24)"
        folded = dark.page.locator("details.chapter:not([open]) p").first
        assert not folded.is_visible()
        dark.page.emulate_media(media="print", color_scheme="dark")
        assert dark.page.evaluate(paper) == "rgb(253, 252, 250)"
        assert dark.page.evaluate("document.querySelector('details.chapter:not([open]) p').offsetHeight") > 0


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here; .ci/browser installs it")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility(browser: Any, pages: dict[str, str], kind: str, scheme: str) -> None:
    with Opened(browser, pages[kind], color_scheme=scheme) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        opened.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = opened.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        grave = [each for each in found["violations"] if each["impact"] in {"serious", "critical"}]
        assert [(each["id"], len(each["nodes"]), each["nodes"][0]["html"][:160]) for each in grave] == []
