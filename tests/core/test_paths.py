from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.core import paths
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, is_regular, shown, status_of, write_whole


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


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "report.md", "old")
    write_whole(tmp_path / "report.md", "new\n")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
    with pytest.raises(DiagnoseError, match="choose another file"):
        write_whole(tmp_path / "nowhere" / "report.md", "new")


def test_a_name_as_long_as_the_system_takes_is_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 252}.md"
    write_whole(path, "new\n")
    assert path.read_text() == "new\n"


@pytest.mark.skipif(os.name == "nt", reason="rights and links of POSIX")
def test_rights_and_links_are_kept(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "new.md", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.md").stat().st_mode) == 0o600
    (tmp_path / "old.md").write_text("s")
    (tmp_path / "old.md").chmod(0o640)
    write_whole(tmp_path / "old.md", "x")
    assert stat.S_IMODE((tmp_path / "old.md").stat().st_mode) == 0o640
    (tmp_path / "link.md").symlink_to("target.md")
    write_whole(tmp_path / "link.md", "through")
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "target.md").read_text() == "through"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_written_into_and_one_without_a_reader_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DiagnoseError, match="nobody reads"):
        write_whole(pipe, "x")
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    reader.start()
    write_whole(pipe, "x" * 200_000)
    os.close(handle)
    reader.join()
    assert len(found[0]) == 200_000
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_characters_that_no_file_can_hold_are_replaced(tmp_path: Path) -> None:
    write_whole(tmp_path / "x", "c\udcff.yaml")
    assert (tmp_path / "x").read_text() == "c?.yaml"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "site" / "diagnose"
    folder.mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", folder)
    paths.data_root.cache_clear()
    yield folder
    paths.data_root.cache_clear()


def furnish(root: Path) -> None:
    for name in ("rules", "knowledge"):
        (root / name).mkdir(parents=True)


def test_a_wheel_has_them_inside_and_a_checkout_beside(package: Path) -> None:
    furnish(package.parent)
    assert paths.rules_dir() == package.parent / "rules"
    furnish(package / "_data")
    paths.data_root.cache_clear()
    assert paths.knowledge_dir() == package / "_data" / "knowledge"


def test_a_broken_installation_is_one_clear_line(package: Path) -> None:
    (package / "_data" / "rules").mkdir(parents=True)
    with pytest.raises(DiagnoseError, match=r"no rules and no knowledge here nor in .*reinstall the package"):
        paths.data_root()
