"""The wheel carries rules and knowledge, and works from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from diagnose.rulebase.reading.load import load_rulebase

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_every_rule_and_all_knowledge_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    for kind in ("rules", "knowledge"):
        for path in (ROOT / kind).rglob("*"):
            if path.is_file():
                assert f"diagnose/_data/{path.relative_to(ROOT).as_posix()}" in inside
    assert not [name for name in inside if name.startswith(("tests/", "reports/"))]


def test_the_licence_and_the_mark_of_typed_code_are_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.namelist()
        licences = [name for name in inside if name.endswith("/licenses/LICENSE")]
        assert [archive.read(name).decode() for name in licences] == [(ROOT / "LICENSE").read_text()]
    assert "diagnose/py.typed" in inside
    assert "diagnose/report/report.schema.json" in inside


def test_the_rule_base_ships_checked(wheel: Path, tmp_path: Path) -> None:
    """An installed command builds it from one file, in a process that imports neither YAML nor pydantic."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import sys; from diagnose.core.cache import Cache; from diagnose.core.paths import knowledge_dir, rules_dir; "
        "from diagnose.rulebase.base import kept_rulebase; "
        "base = kept_rulebase([rules_dir()], knowledge_dir(), cache=Cache(None)); "
        "assert not {'yaml', 'pydantic'} & set(sys.modules); print(base.digest, len(base.rules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    base = load_rulebase([ROOT / "rules"], ROOT / "knowledge")
    assert done.stdout.split() == [base.digest, str(len(base.rules))]


def test_it_runs_installed_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """Unpack as an installer would, beside this environment's libraries, and run it from an empty folder."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import diagnose, sys; from diagnose.core.paths import data_root; "
        "assert str(data_root()).startswith(sys.argv[1]), data_root(); "
        "from diagnose.cli.main import main; sys.exit(main(['rules', 'check']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
