from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.private_copy import private_copy


def test_the_copy_stands_with_its_companions_and_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"one")
    (tmp_path / "a.db-wal").write_bytes(b"two")
    companions = [tmp_path / "a.db-wal", tmp_path / "a.db-journal"]
    with private_copy(tmp_path / "a.db", companions, limit=6) as copy:
        assert copy.parent != tmp_path
        assert (copy.read_bytes(), copy.with_name("a.db-wal").read_bytes()) == (b"one", b"two")
        assert not copy.with_name("a.db-journal").exists()
    assert not copy.parent.exists()


def test_the_copy_is_taken_away_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"one")
    with pytest.raises(ZeroDivisionError), private_copy(tmp_path / "a.db", (), limit=9) as copy:
        raise ZeroDivisionError
    assert not copy.parent.exists()


def test_too_large_is_refused_before_copying(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"four")
    (tmp_path / "a.db-wal").write_bytes(b"four")
    with (
        pytest.raises(DiagnoseError, match=r"a\.db: .* more than the 0 MB we read"),
        private_copy(tmp_path / "a.db", [tmp_path / "a.db-wal"], limit=7),
    ):
        pass


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with (
        pytest.raises(DiagnoseError, match=r"a\.db: cannot be copied to read it \(No such file"),
        private_copy(tmp_path / "a.db", (), limit=9),
    ):
        pass


def test_files_that_change_meanwhile_are_copied_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"old")
    writes = [b"newer", b"newest"]

    def copy_while_written(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        if writes:
            path.write_bytes(writes.pop(0))

    monkeypatch.setattr(shutil, "copyfile", copy_while_written)
    with private_copy(path, (), limit=99) as copy:
        assert copy.read_bytes() == b"newest"


def test_files_that_never_hold_still_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"")

    def copy_while_written(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        path.write_bytes(path.read_bytes() + b"x")

    monkeypatch.setattr(shutil, "copyfile", copy_while_written)
    with (
        pytest.raises(DiagnoseError, match=r"changes faster than it can be copied"),
        private_copy(path, (), limit=99),
    ):
        pass
