"""The committed sample reports are what the tool writes today. UPDATE_REPORTS=1 rewrites them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from first_screen import COLUMNS, drawn

from diagnose import Report, Settings, postmortem, preflight
from diagnose.core.values import Intent
from diagnose.demo.writer import write_demo
from diagnose.engine.infer import PACKAGE, VERSION
from diagnose.report.formats import render

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "reports"
PICTURE = "first-screen.svg"
CONFIG = ROOT / "tests" / "runs" / "data" / "fork-dropped-keys" / "config.yaml"
ENGINE = re.compile(r"^- Engine: .*", re.MULTILINE)
"""Which engine answers depends on the machine; what it answers does not."""
PASSED = re.compile(r"^### Checks that passed \(\d+\)\n\n(.*)$", re.MULTILINE)
COUNT = re.compile(r"\b\d+ checks passed\b")
TOOL = re.compile(r"^- diagnose \S+, rule base `[0-9a-f]{64}`$", re.MULTILINE)
"""The version and the digest of the rules change with every rule, whether it says anything here or not."""


@pytest.fixture(autouse=True, scope="module")
def _in_an_empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sample reports name paths as they were given, so they are given relative ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("samples"))
        yield


@cache
def demo(case: str) -> Report:
    return postmortem(write_demo(case, Path(case)))


def written(name: str, text: str) -> str:
    """Return a file of the reports, rewritten first where that is asked for."""
    path = REPORTS / name
    if os.environ.get("UPDATE_REPORTS"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def compare(name: str, text: str) -> None:
    text = TOOL.sub("- diagnose VERSION, rule base `DIGEST`", ENGINE.sub(f"- Engine: {PACKAGE} {VERSION}", text))
    stored = written(name, text)
    assert passed(stored) <= passed(text), name
    stale = f"reports/{name} is stale; run the tests with UPDATE_REPORTS=1"
    assert without_passed(stored) == without_passed(text), stale


def without_passed(text: str) -> str:
    return COUNT.sub("checks passed", PASSED.sub("", text))


def passed(text: str) -> set[str]:
    """The rules that a report says were silent: one that is added to ours is silent in most reports, and no fault."""
    found = PASSED.search(text)
    return set(found.group(1).split(", ")) if found else set()


@pytest.mark.parametrize("case", ["run-v15", "run-v17"])
def test_post_mortem_of_a_demo_run(case: str) -> None:
    report = demo(case)
    compare(f"{case}.md", render(report, "markdown"))
    compare(f"{case}-full.md", render(report, "markdown", full=True))


def test_the_picture_of_the_readme_is_the_screen_of_the_demo() -> None:
    screen = render(demo("run-v15"), "terminal", width=COLUMNS, color=True)
    picture = drawn(screen, "diagnose demo")
    assert written(PICTURE, picture) == picture, f"reports/{PICTURE} is stale; run the tests with UPDATE_REPORTS=1"


def test_pre_flight_of_dropped_keys() -> None:
    Path("config.yaml").write_text(CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    report = preflight(Path("config.yaml"), Settings(intent=Intent.MOTION))
    compare("preflight-dropped-keys.md", render(report, "markdown"))
