"""The GitHub Action and the pre-commit hook, by running the commands that they hold."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from labelled_runs import DATA

ROOT = Path(__file__).parents[1]
SOUND, BLOCKED = DATA / "fork-dropped-keys" / "config.yaml", DATA / "fork-snr" / "config.yaml"
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


def document(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two configs, and our command on the path."""
    folder = tmp_path / "repository"
    (folder / "configs").mkdir(parents=True)
    shutil.copy(SOUND, folder / "configs" / "my sound.yaml")
    shutil.copy(BLOCKED, folder / "configs" / "blocked.yaml")
    command = tmp_path / "bin" / "diagnose"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m diagnose "$@"\n')
    command.chmod(0o755)
    return folder


def run(script: str, repository: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    home = repository.parent
    environment = os.environ | {
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(home),
        "GITHUB_OUTPUT": str(home / "output"),
        "GITHUB_STEP_SUMMARY": str(home / "summary.md"),
        **variables,
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def judged(repository: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the action that judges, with its inputs as GitHub hands them over."""
    action = document("action.yml")
    step = next(each for each in action["runs"]["steps"] if each.get("id") == "judge")
    inputs = {name: each.get("default", "") for name, each in action["inputs"].items()} | given
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs[found[1]], text)
        for name, text in step["env"].items()
    }
    return run(step["run"], repository, **variables)


def test_the_action_judges_each_config_and_fails_for_the_bad_one(repository: Path) -> None:
    paths = "configs/my sound.yaml\nconfigs/blocked.yaml\n"
    done = judged(repository, paths=paths)
    assert done.returncode == 1
    assert "exit status 1 for 1 finding: " in done.stderr
    home = repository.parent
    folder = Path((home / "output").read_text().partition("=")[2].strip())
    logs = [json.loads(path.read_text())["runs"][0]["results"] for path in sorted(folder.iterdir())]
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for log in logs for each in log]
    assert set(places) == {"configs/my%20sound.yaml", "configs/blocked.yaml"}
    assert (home / "summary.md").read_text().count("\n# ") + 1 == 2
    assert judged(repository, paths=paths, **{"fail-on": "never"}).returncode == 0, "and a second time"


def test_the_action_takes_a_baseline_and_an_intent(repository: Path) -> None:
    known = run("diagnose preflight configs/blocked.yaml --intent motion -q --fail-on never -o known.json", repository)
    assert known.returncode == 0
    given = {"paths": "configs/blocked.yaml", "intent": "motion", "fail-on": "minor"}
    assert judged(repository, **given).returncode == 1
    assert judged(repository, **given, baseline="known.json").returncode == 0


def test_no_input_of_the_action_stands_in_a_script() -> None:
    for step in document("action.yml")["runs"]["steps"]:
        assert "${{" not in step["run"], "an input could hold commands; it comes as a variable"


def test_the_hook_fails_for_the_bad_config_and_names_it(repository: Path) -> None:
    (hook,) = document(".pre-commit-hooks.yaml")
    command = shlex.join([*shlex.split(hook["entry"]), *hook["args"]])
    files = ["configs/my sound.yaml", "configs/blocked.yaml"]
    assert all(re.search(hook["files"], file) for file in files)
    assert run(f"{command} {shlex.quote(files[0])}", repository).returncode == 0
    done = run(f"{command} {shlex.join(files)}", repository)
    assert done.returncode == 1
    assert "blocked" in done.stdout
    assert "snr-weighting-incompatible" in done.stderr
