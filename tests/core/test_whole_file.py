"""A file is written whole or not at all, where a link leads, with the rights it had."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.core.whole_file import write_whole


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
