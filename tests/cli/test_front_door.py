"""What a short command may import: what is heavy, or does another command's work, stays out. No timing here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = """
import contextlib, io, json, sys
from diagnose.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
"""
HEAVY = {"av", "importlib.metadata", "markdown_it", "numpy", "pydantic", "rich", "torch"}
FRONT = {
    "diagnose",
    "diagnose.cli",
    "diagnose.cli.main",
    "diagnose.cli.parser",
    "diagnose.cli.streams",
    "diagnose.core",
    "diagnose.core.errors",
    "diagnose.core.temporary",
    "diagnose.core.version",
}
JUDGING = (
    "diagnose.api",
    "diagnose.inputs",
    "diagnose.trainers.aitoolkit",
    "diagnose.weights",
    "diagnose.engine.durable",
)


def imported(cache: Path, *arguments: str) -> set[str]:
    """The modules that a command imports where the rule base is kept already."""
    command = [sys.executable, "-c", LISTED, *arguments]
    environment = os.environ | {"DIAGNOSE_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    done = [subprocess.run(command, env=environment, capture_output=True, check=True, cwd=ROOT) for _ in range(2)]
    return set(json.loads(done[-1].stdout))


def of_ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] == "diagnose"}


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_a_word_about_itself_needs_the_front_alone(tmp_path: Path, argument: str) -> None:
    modules = imported(tmp_path, argument)
    assert of_ours(modules) == FRONT
    assert not modules & (HEAVY | {"yaml", "dataclasses", "inspect", "shutil", "traceback"})


@pytest.mark.parametrize("arguments", [["explain", "LRN001"], ["explain", "weights.ratio"], ["rules", "list"]])
def test_asking_the_rule_base_reads_no_run_and_parses_no_yaml(tmp_path: Path, arguments: list[str]) -> None:
    modules = imported(tmp_path, *arguments)
    assert not modules & (HEAVY | {"yaml"})
    assert not [name for name in modules if name.startswith(JUDGING)]


@pytest.mark.parametrize("command", ["postmortem", "preflight", "next", "explain", "rules", "demo"])
def test_a_commands_help_loads_nothing_that_judges(tmp_path: Path, command: str) -> None:
    modules = imported(tmp_path, command, "--help")
    assert not modules & (HEAVY | {"yaml"})
    assert not [name for name in modules if name.startswith(JUDGING)]


def test_a_preflight_measures_nothing_and_draws_no_screen(tmp_path: Path) -> None:
    config = ROOT / "tests" / "runs" / "data" / "fork-frozen" / "config.yaml"
    modules = imported(tmp_path, "preflight", str(config), "--fail-on", "never")
    assert not modules & HEAVY
    assert "diagnose.report.views.markdown" in modules
    others = {f"diagnose.report.views.{name}" for name in ("html", "json", "sarif", "terminal")}
    assert not modules & (others | {"diagnose.weights.measure", "diagnose.cli.explain_rule"})


def test_a_preflight_without_a_data_set_waits_for_nothing_it_does_not_use(tmp_path: Path) -> None:
    """Nor for a rule base, or a description of a trainer, to be read anew."""
    config = ROOT / "tests" / "runs" / "data" / "fork-frozen" / "config.yaml"
    modules = imported(tmp_path, "preflight", str(config), "--fail-on", "never")
    assert not modules & {
        "concurrent.futures",
        "dataclasses",
        "logging",
        "pkgutil",
        "shutil",
        "tempfile",
        "traceback",
    }
    unused = (
        "diagnose.rulebase.reading",
        "diagnose.rulebase.lints",
        "diagnose.rulebase.yaml_places",
        "diagnose.sources.video.workers",
        "diagnose.trainers.aitoolkit.console",
        "diagnose.trainers.aitoolkit.loss_database",
        "diagnose.trainers.aitoolkit.metrics_log",
    )
    assert not [name for name in modules if name.startswith(unused)]
