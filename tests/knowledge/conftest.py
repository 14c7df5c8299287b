"""The knowledge as it is, and copies of it with one place changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from knowledge_files import load_knowledge

from diagnose.core.paths import knowledge_dir
from diagnose.rulebase.document import Document, load_document
from diagnose.rulebase.knowledge import Knowledge


@pytest.fixture(scope="session")
def document() -> Document:
    return load_document(knowledge_dir())


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(knowledge_dir())


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Copy the knowledge, once, and replace a text that stands in one place of a file; return the copy's folder."""
    folder = tmp_path / "knowledge"
    shutil.copytree(knowledge_dir(), folder)

    def change(name: str, old: str, new: str) -> Path:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return change
