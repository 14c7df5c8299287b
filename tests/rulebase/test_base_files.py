from __future__ import annotations

import os
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.rulebase import base_files
from diagnose.rulebase.base_files import SourceFile, digest, read_folder


def test_files_are_read_by_name_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/one.yaml").write_bytes(b"1")
    (tmp_path / "two.yaml").write_bytes(b"2")
    (tmp_path / "note.md").write_bytes(b"3")
    (tmp_path / ".hidden.yaml").write_bytes(b"4")
    found, faults = read_folder(tmp_path, frozenset({".yaml"}))
    assert [(file.name, file.data) for file in found] == [("b/one.yaml", b"1"), ("two.yaml", b"2")]
    assert not faults
    assert [file.name for file in read_folder(tmp_path)[0]] == ["b/one.yaml", "note.md", "two.yaml"]


def test_what_is_no_file_or_too_large_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_files, "MAX_BYTES", 2048)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "large.yaml").write_bytes(b" " * 2049)
    (tmp_path / "fits.yaml").write_bytes(b" " * 2048)
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    found, faults = read_folder(tmp_path)
    assert [file.name for file in found] == ["fits.yaml"]
    assert sorted((Path(fault.file).name, fault.text) for fault in faults) == [
        ("dangling.yaml", "not a regular file"),
        ("large.yaml", "larger than 2 kB"),
        ("pipe.yaml", "not a regular file"),
    ]


def test_a_folder_that_is_no_rule_base_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DiagnoseError, match="no such folder"):
        read_folder(tmp_path / "nowhere")
    (tmp_path / "a.yaml").write_bytes(b"12")
    (tmp_path / "b.yaml").write_bytes(b"34")
    monkeypatch.setattr(base_files, "MAX_TOTAL", 3)
    with pytest.raises(DiagnoseError, match="more than 0 MB"):
        read_folder(tmp_path)
    monkeypatch.setattr(base_files, "MAX_FILES", 1)
    with pytest.raises(DiagnoseError, match="more than 1 files"):
        read_folder(tmp_path)


def test_text_that_is_not_utf8_is_told_by_line() -> None:
    document = SourceFile(Path("x.yaml"), "x.yaml", b"a: 1\nb: \xff\n").document()
    assert document.data is None
    assert str(document.faults[0]) == "x.yaml:2: not UTF-8 text; save the file as UTF-8"


def test_a_byte_order_mark_is_no_fault() -> None:
    document = SourceFile(Path("x.yaml"), "x.yaml", b"\xef\xbb\xbfa: 1\n").document()
    assert document.data == {"a": 1}
    assert not document.faults


def test_the_digest_knows_names_bytes_and_boundaries() -> None:
    def of(*parts: tuple[str, bytes]) -> str:
        return digest([("rules", [SourceFile(Path("anywhere") / name, name, data) for name, data in parts])])

    base = of(("a", b"12"), ("b", b"3"))
    assert base == of(("a", b"12"), ("b", b"3"))
    assert len({base, of(("a", b"1"), ("b", b"23")), of(("c", b"12"), ("b", b"3")), of(("a", b"12"))}) == 4
    assert of(("a", b"1rules/b2")) != of(("a", b"1"), ("b", b"2"))
    assert digest([("knowledge", []), ("rules", [])]) != base


def test_names_that_are_no_text_are_part_of_the_digest(tmp_path: Path) -> None:
    try:
        (tmp_path / "a\udcff.yaml").write_bytes(b"a: 1")
    except (OSError, UnicodeError):
        pytest.skip("no such names here")
    files, faults = read_folder(tmp_path)
    assert not faults
    assert digest([("rules", files)]) != digest([("rules", [])])
