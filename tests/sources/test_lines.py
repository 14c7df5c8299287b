from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources import lines
from diagnose.sources.lines import LONGEST, head, pieces


def read(path: Path) -> list[tuple[int, bytes]]:
    return [(piece.number, piece.text) for piece in pieces(path)]


def test_line_numbers_count_line_feeds_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\rone again\ntwo\r\nthree")
    assert read(path) == [(1, b"one"), (1, b"one again"), (2, b"two"), (3, b"three")]


def test_only_the_last_piece_can_lack_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"a\nb\rc")
    assert [piece.ended for piece in pieces(path)] == [True, True, False]
    path.write_bytes(b"a\n")
    assert [piece.ended for piece in pieces(path)] == [True]


def test_a_long_piece_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * (3 * lines.CHUNK) + b"\nafter\n")
    long, after = pieces(path)
    assert (len(long.text), long.cut, long.number) == (LONGEST, True, 1)
    assert (after.text, after.cut, after.number) == (b"after", False, 2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_byte_order_mark_is_understood(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "log"
    path.write_bytes("Größe ✓\r\nzwei".encode(encoding))
    assert [text.decode() for _, text in read(path) if text] == ["Größe ✓", "zwei"]
    assert head(path, 1000).decode() == "Größe ✓\r\nzwei"


@pytest.mark.parametrize("reader", [lambda path: list(pieces(path)), lambda path: head(path, 9)])
def test_an_unreadable_file_is_one_clear_line(tmp_path: Path, reader: object) -> None:
    assert callable(reader)
    with pytest.raises(DiagnoseError, match=r"gone: cannot be read \(No such file or directory\)") as caught:
        reader(tmp_path / "gone")
    assert "\n" not in str(caught.value)


@given(
    content=st.lists(st.sampled_from([b"\n", b"\r", b"a", b"bc", b"\xe2\x9c\x93"]), max_size=40).map(b"".join),
    chunk=st.integers(1, 7),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_chunks_leave_no_seam(tmp_path: Path, content: bytes, chunk: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    whole = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        assert read(path) == whole
    assert b"".join(text for _, text in whole) == content.replace(b"\n", b"").replace(b"\r", b"")
