"""Rules and knowledge are found where the package has them, or one line says that they are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.core import resources
from diagnose.core.errors import DiagnoseError


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "site" / "diagnose"
    folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "PACKAGE", folder)
    resources.data_root.cache_clear()
    yield folder
    resources.data_root.cache_clear()


def furnish(root: Path) -> None:
    for name in ("rules", "knowledge"):
        (root / name).mkdir(parents=True)


def test_a_wheel_has_them_inside_and_a_checkout_beside(package: Path) -> None:
    furnish(package.parent)
    assert resources.rules_dir() == package.parent / "rules"
    furnish(package / "_data")
    resources.data_root.cache_clear()
    assert resources.knowledge_dir() == package / "_data" / "knowledge"


def test_a_broken_installation_is_one_clear_line(package: Path) -> None:
    (package / "_data" / "rules").mkdir(parents=True)
    with pytest.raises(DiagnoseError, match=r"no rules and no knowledge here nor in .*reinstall the package"):
        resources.data_root()
