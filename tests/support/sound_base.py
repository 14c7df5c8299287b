"""A small rule base without fault (in data/), and what becomes of it when one place is changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.load import Reading, read_rulebase

DATA = Path(__file__).parents[1] / "rulebase" / "data"
PARTS = {
    "symptom": "rules/WGT001-high-noise-too-weak.yaml",
    "cause": "rules/CAU001-experts-out-of-balance.yaml",
    "remedy": "rules/REM001-end-earlier.yaml",
    "facts": "knowledge/facts.yaml",
    "parameters": "knowledge/parameters.yaml",
    "recipes": "knowledge/recipes.yaml",
    "claims": "knowledge/claims.yaml",
}

Change: TypeAlias = "Callable[[str, str, str], None]"
Read: TypeAlias = "Callable[[], Reading]"
FaultsOf: TypeAlias = "Callable[[str, str, str], list[str]]"
FileOf: TypeAlias = "Callable[..., RuleFile]"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A copy of the sound base: the folders `rules` and `knowledge`."""
    return Path(shutil.copytree(DATA, tmp_path / "base"))


@pytest.fixture
def parts() -> Mapping[str, str]:
    """The file of each part, relative to the base."""
    return PARTS


@pytest.fixture
def change(base: Path) -> Change:
    """Replace a text that a part has once."""

    def change(part: str, old: str, new: str) -> None:
        path = base / PARTS[part]
        sound = path.read_text(encoding="utf-8")
        assert sound.count(old) == 1, f"{old!r} is there {sound.count(old)} times"
        path.write_text(sound.replace(old, new), encoding="utf-8")

    return change


@pytest.fixture
def read(base: Path) -> Read:
    """Read the base as it is now."""
    return lambda: read_rulebase([base / "rules"], base / "knowledge")


@pytest.fixture
def faults_of(change: Change, read: Read) -> FaultsOf:
    """The faults after one change, each as "PART:LINE: text"."""
    names = {Path(file).name: part for part, file in PARTS.items()}

    def faults_of(part: str, old: str, new: str) -> list[str]:
        change(part, old, new)
        return [f"{names[Path(fault.file).name]}:{fault.line}: {fault.text}" for fault in read().faults]

    return faults_of


@pytest.fixture
def file_of(change: Change, read: Read) -> FileOf:
    """A rule of the base, after a change if one is given."""

    def file_of(part: str, old: str = "", new: str = "") -> RuleFile:
        if old:
            change(part, old, new)
        return next(file for file in read().files if str(file.path).endswith(PARTS[part]))

    return file_of
