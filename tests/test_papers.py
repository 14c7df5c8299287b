"""README.md and the pages for contributors: links lead somewhere, and every example is right."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from labelled_runs import DATA

from diagnose import UnfitError, preflight
from diagnose.cli.main import COMMANDS, build_parser
from diagnose.core.errors import DiagnoseError
from diagnose.core.version import __version__

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "reports/measured.md", "knowledge/automagic.md")
MOST_LINES = 130
"""A stranger reads the README in a few minutes."""


def blocks(language: str) -> list[str]:
    """The README's blocks of code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> Iterator[str]:
    """Every command of ours in the README, in a block or in the text."""
    for line in README.splitlines():
        shown = [line] if line.startswith("    ") else re.findall(r"`([^`]+)`", line)
        yield from (each.partition("  ")[0] for each in map(str.strip, shown) if each.startswith("diagnose "))


def anchors(page: Path) -> set[str]:
    """The places in a page that a link may name."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in heads}


def test_the_readme_is_short() -> None:
    assert README.count("\n") <= MOST_LINES


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    for link in links:
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            assert target.is_file(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_the_commands_of_the_readme_are_ours(line: str) -> None:
    words = shlex.split(line)[1:]
    if words[0] == "COMMAND":
        return
    if words[0] not in COMMANDS:  # a path: the command that fits is found by what is there
        words.insert(0, "runs" if "--all" in words else "postmortem")
    try:
        build_parser(words[0]).parse_args(words)
    except DiagnoseError as fault:
        pytest.fail(str(fault))


def test_every_command_is_in_the_readme() -> None:
    assert {each for each in COMMANDS if f"`diagnose {each} " not in README} == {"runs"}, "it is chosen by a folder"


def test_the_project_file_of_the_readme_is_read(tmp_path: Path) -> None:
    (example,) = (each for each in blocks("yaml") if each.startswith("intent:"))
    (tmp_path / "run").mkdir()
    (tmp_path / "clips").mkdir()
    shutil.copy(DATA / "fork-dropped-keys" / "config.yaml", tmp_path / "run")
    (tmp_path / "run" / "diagnose.yaml").write_text(example, encoding="utf-8")
    report = preflight(tmp_path / "run" / "config.yaml")
    assert (report.run.intent, report.run.trainer) == ("motion", "ai-toolkit-relaxis")


def test_the_action_of_the_readme_is_that_of_this_version() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (example,) = (yaml.safe_load(each) for each in blocks("yaml") if "uses:" in each)
    assert example[0]["uses"].endswith(f"@v{__version__}")
    assert set(example[0]["with"]) <= set(action["inputs"])


def test_the_two_lines_stop_a_wasted_run() -> None:
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line]) < 3
    with pytest.raises(UnfitError):
        exec(example, {"config": DATA / "fork-snr" / "config.yaml"})  # noqa: S102 - the README's own lines


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    entries = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert entries[0] == __version__


def test_figures_in_the_readme_are_those_measured() -> None:
    """Each figure of the README's table of accuracy is in the page of all figures, digit by digit."""
    measured = (ROOT / "reports" / "measured.md").read_text(encoding="utf-8")
    table = README.partition("## Accuracy")[2]
    figures = re.findall(r"\d+ of \d+", table)
    assert len(figures) > 3
    assert [each for each in figures if each not in measured] == []
