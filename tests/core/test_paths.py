from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, is_regular, shown, status_of


def test_what_a_path_leads_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    found = {name: (is_folder(tmp_path / name), is_regular(tmp_path / name)) for name in ("file", "link", "pipe", "no")}
    assert found == {"file": (False, True), "link": (False, True), "pipe": (False, False), "no": (False, False)}
    assert (is_folder(tmp_path), status_of(tmp_path / "file" / "below")) == (True, None)


@pytest.mark.parametrize(("name", "reason"), [("a" * 300, "File name too long"), ("a\0b", "null")])
def test_a_path_that_cannot_be_looked_at_is_one_line(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(DiagnoseError, match=rf"cannot be looked at \(.*{reason}.*\); check the path"):
        is_folder(tmp_path / name)


def test_a_folder_that_may_not_be_searched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DiagnoseError, match="Permission denied"):
        is_regular(tmp_path)


def test_a_path_in_the_run_is_shown_relative_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(tmp_path / "samples" / "a.webp", tmp_path) == "samples/a.webp"
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a.log", Path()) == "a.log"
    assert shown(Path("a.log"), tmp_path) == "a.log"


def test_a_path_elsewhere_is_shown_as_it_was_given(tmp_path: Path) -> None:
    assert shown(Path("../other/a.log"), tmp_path) == "../other/a.log"
