"""A rule more is one file more: the example for contributors, put among our own rules, breaks nothing and changes no report."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider")
REPORTS = "tests/runs/test_sample_reports.py"
WHOLE = (REPORTS, "tests/knowledge/test_lines.py", "tests/knowledge/test_facts_read.py")
"""Tests that read our rules as a whole, or what is written by them."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the tests read, its sample reports of today, and then the example among its rules."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("diagnose", "rules", "knowledge", "reports", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(ROOT / "pyproject.toml", root)
    done = run(root, *PYTEST, REPORTS, UPDATE_REPORTS="1")
    assert done.returncode == 0, done.stdout + done.stderr
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a rule")[2].partition("\n## ")[0]
    name = section.partition("this one `")[2].partition("`")[0]
    example = section.partition("```yaml\n")[2].partition("```")[0]
    (root / "rules" / "monitoring" / name).write_text(example, encoding="utf-8")
    return root


def run(root: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables, "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command",
    [("diagnose", "rules", "check"), ("diagnose", "rules", "test"), (*PYTEST, *WHOLE)],
    ids=["check", "test", "tests"],
)
def test_the_example_touches_no_other_file(copy: Path, command: tuple[str, ...]) -> None:
    done = run(copy, *command)
    assert done.returncode == 0, done.stdout + done.stderr
