"""The first inputs of every format hold; and the oracle sees what must not be."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from fuzz import noted
from fuzz.driver import Failure, format_of
from fuzz.formats import Folder, Format, Link, Pipe, write
from fuzz.oracle import Guard, WrongError, try_input
from fuzz.run import FORMATS

from diagnose.core.errors import DiagnoseError

FEW = 12
pytestmark = [
    pytest.mark.usefixtures("one_reader"),
    pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX"),
]


@pytest.fixture(scope="session")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return Guard(tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("name", FORMATS)
def test_the_first_inputs_of_a_format_hold(
    name: str, tmp_path: Path, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    form, tally = format_of(name), Counter[str]()
    for number in range(FEW):
        write(tmp_path / "input", form.make(Random(f"{name}/1/{number}")))
        try_input(form, number, tmp_path / "input", guard, tally)
    assert tally["read"] + tally["refused"] == tally["inputs"] == FEW
    assert tally["judged twice"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["input"]


@pytest.mark.parametrize("name", FORMATS)
def test_an_input_is_always_the_same(name: str) -> None:
    form = format_of(name)
    assert form.make(Random("x")) == form.make(Random("x"))


def _outside(folder: Path) -> None:
    (folder / "new").write_text("x")


def _unclear(_: Path) -> None:
    raise DiagnoseError(" ")


def _bug(_: Path) -> None:
    raise ZeroDivisionError("ours")


@pytest.mark.parametrize(("read", "said"), [(_outside, "wrote outside"), (_unclear, "not clear"), (_bug, "ours")])
def test_the_oracle_sees_what_must_not_be(
    read: Callable[[Path], None], said: str, tmp_path: Path, guard: Guard
) -> None:
    (tmp_path / "input").mkdir()
    form = Format(make=lambda _: {}, read=read, command=lambda _: [])
    inside = guard.allowed
    guard.allowed = ()
    try:
        with pytest.raises((WrongError, ZeroDivisionError), match=said):
            try_input(form, 1, tmp_path / "input", guard, Counter())
    finally:
        guard.allowed = inside


def test_an_input_has_files_links_pipes_and_folders(tmp_path: Path) -> None:
    write(
        tmp_path / "in", {"a/b": b"x", "a": b"is a folder", "l": Link("nowhere"), "p": Pipe(), "f": Folder(), "\0": b""}
    )
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["a", "f", "l", "p"]
    assert (tmp_path / "in" / "a" / "b").read_bytes() == b"x"


def test_faults_of_one_place_are_one_kind() -> None:
    text = 'Traceback:\n  File "/x/diagnose/a.py", line 3, in f\n  File "/lib/json.py", line 1, in g\nValueError: no'
    assert Failure(1, text).kind == 'File "/x/diagnose/a.py", line 3, in f ValueError: no'


def test_a_row_replaces_its_own_and_all_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "REPORT", tmp_path / "robustness.md")
    noted.note("Faults", [("killed", 10, 10, 0), ("disk full", 5, 5, 0)])
    noted.note("Sizes", [("rows", "1.0", "99", "15 s, 400 MB")])
    noted.note("Faults", [("killed", 2000, 1999, 1)])
    lines = noted.REPORT.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ")[:4] for line in lines if line.startswith(("| killed", "| disk", "| rows"))]
    assert rows == [
        ["| killed", "2,000", "1,999", "1"],
        ["| disk full", "5", "5", "0"],
        ["| rows", "1.0", "99", "15 s, 400 MB"],
    ]
    with pytest.raises(ValueError, match="3 cells for 5 columns"):
        noted.note("Faults", [("killed", 1)])
