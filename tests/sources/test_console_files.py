"""Consoles that are given by themselves: which files are read, under which names, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from labelled_runs import DATA

from diagnose.core.errors import DiagnoseError
from diagnose.sources import console_files
from diagnose.sources.console_files import GivenConsole, read_consoles
from diagnose.sources.readings import RunReadings
from diagnose.trainers.any_console import read_any_console
from diagnose.trainers.rooms import run_readers

CONSOLE = DATA / "fork-snr" / "stdout.log"
OTHER = "Traceback (most recent call last):\n  File x\nValueError: no\n"


def read(*given: GivenConsole) -> RunReadings:
    return read_consoles(given, run_readers(), read_any_console)


def test_a_file_is_named_as_it_lies(tmp_path: Path) -> None:
    found = read(GivenConsole(CONSOLE))
    assert found.console_alone
    assert found.console is not None
    assert found.console.sessions
    assert [place.file for place in found.places] == ["stdout.log"]
    assert found.config is None or found.config.file == "stdout.log"
    assert not list(tmp_path.iterdir())


def test_a_pasted_text_has_a_name_and_its_own_lines() -> None:
    quoted = b"".join(b"> " + line for line in CONSOLE.read_bytes().replace(b"\r", b"\n").splitlines(keepends=True))
    found, plain = read(GivenConsole(text=quoted)), read(GivenConsole(CONSOLE))
    assert found.console is not None
    assert plain.console is not None
    assert {place.file for place in found.places} == {"standard input"}
    assert found.console.sessions[0].error == plain.console.sessions[0].error
    assert quoted.splitlines()[(found.console.sessions[0].error_line or 0) - 1].startswith(b"> ")


def test_a_long_file_is_read_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_files, "MOST", 10)
    found = read(GivenConsole(CONSOLE))
    assert found.console is not None
    assert found.console.sessions


def test_several_are_one_run_with_names_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.log").write_bytes(CONSOLE.read_bytes())
    roundabout = tmp_path / "a" / ".." / "b" / "run.log"
    found = read(GivenConsole(tmp_path / "a" / "run.log"), GivenConsole(roundabout))
    assert [place.file for place in found.places] == ["a/run.log", "b/run.log"]


def test_what_no_reader_knows_is_read_as_any_console(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_text(OTHER)
    found = read(GivenConsole(file))
    assert found.console is not None
    assert found.console.anyones
    with pytest.raises(DiagnoseError, match="not all are consoles of one trainer"):
        read(GivenConsole(file), GivenConsole(CONSOLE))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "a folder"),
        (tmp_path / "no", "no such file"),
        (Path("/dev/null"), "no regular file"),
    ):
        with pytest.raises(DiagnoseError, match=words):
            read(GivenConsole(path))


def test_without_room_for_a_copy_it_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("diagnose.core.temporary._USUAL", (str(tmp_path / "none"),))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DiagnoseError, match=r"cannot be copied to read it \(.*TMPDIR"):
        read_consoles([GivenConsole(text=b"Killed\n")], [], lambda path, **_: pytest.fail(str(path)))
