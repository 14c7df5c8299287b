"""A file is written whole or not at all; inputs and strangers' files stay as they are."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from diagnose.cli.output_file import check_output, write_marked, write_whole
from diagnose.core.errors import DiagnoseError

FORMS = ("yaml", "markdown", "html", "terminal")


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "report.md", "old")
    write_whole(tmp_path / "report.md", "new\n")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
    with pytest.raises(DiagnoseError, match="choose another -o"):
        write_whole(tmp_path / "nowhere" / "report.md", "new")


def test_a_name_as_long_as_the_system_takes_is_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 252}.md"
    write_whole(path, "new\n")
    assert path.read_text() == "new\n"


def test_an_input_is_never_written_to_by_any_name(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to(config)
    os.link(config, tmp_path / "hard.yaml")
    for name in ("c.yaml", "link.yaml", "hard.yaml", "./c.yaml"):
        with pytest.raises(DiagnoseError, match="never written to"):
            check_output(tmp_path / name, inputs=[config], force=True)


def test_nothing_is_written_into_a_folder_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "run")
    for name in ("run/report.md", "way/report.md", "run/sub/../report.md"):
        with pytest.raises(DiagnoseError, match="never written to"):
            check_output(tmp_path / name, inputs=[tmp_path / "run"], force=True)
    check_output(tmp_path / "report.md", inputs=[tmp_path / "run", None], force=False)


@pytest.mark.parametrize("form", FORMS)
def test_what_we_wrote_may_be_replaced_until_somebody_changes_it(form: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    write_marked(path, "one\n", form)
    check_output(path, inputs=[], force=False)
    path.write_text(f"mine\n{path.read_text()}")
    with pytest.raises(DiagnoseError, match="--force"):
        check_output(path, inputs=[], force=False)
    check_output(path, inputs=[], force=True)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('{\n  "schema": "diagnose/report/1"', True),
        ('{"runs": [{"tool": {"driver": {"name": "diagnose"', False),
        ("notes\n", False),
        ("", True),
        ("# written by diagnose; it may be replaced while its sha256 starts with 0123456789abcdef\n", False),
    ],
)
def test_a_file_is_known_by_what_it_holds(text: str, ours: bool, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_text(text)
    if ours:
        check_output(path, inputs=[], force=False)
        return
    with pytest.raises(DiagnoseError, match="there already"):
        check_output(path, inputs=[], force=False)


def test_a_folder_is_told_how_to_name_a_file(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="name a file in it"):
        check_output(tmp_path, inputs=[], force=True)


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
