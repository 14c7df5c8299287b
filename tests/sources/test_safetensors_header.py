"""Every point of the safetensors format, broken one at a time."""

import json
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import TensorEntry
from diagnose.sources.safetensors_header import DTYPE_BITS, read_header

Write = Callable[[str, str | bytes], Path]
ENTRY = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def file_of(header: object, data: bytes = b"\0" * 24) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def with_entry(**changed: object) -> bytes:
    return file_of({"t": ENTRY | changed})


def refusal(path: Path) -> str:
    with pytest.raises(DiagnoseError) as caught:
        read_header(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert len(text) < 700 + len(str(path))
    return text


def test_a_header_as_the_format_has_it(write: Write) -> None:
    second = {"dtype": "BF16", "shape": [], "data_offsets": [24, 26]}
    empty = {"dtype": "I64", "shape": [0, 7], "data_offsets": [26, 26]}
    header = {"__metadata__": {"format": "pt"}, "b": second, "none": empty, "a": ENTRY}
    text = json.dumps(header).encode() + b"   "
    found = read_header(write("x.safetensors", file_of(text, b"\0" * 26)))
    start = 8 + len(text)
    assert found.tensors == (
        TensorEntry("a", "F32", (2, 3), start, start + 24),
        TensorEntry("b", "BF16", (), start + 24, start + 26),
        TensorEntry("none", "I64", (0, 7), start + 26, start + 26),
    )
    assert found.metadata == {"format": "pt"}
    assert found.size == start + 26
    assert len(found.sha256) == 64


def test_a_header_length_that_spells_another_format(write: Write) -> None:
    padded = json.dumps({"t": ENTRY}).encode().ljust(256 + ord("<"))
    content = file_of(padded)
    assert content.startswith(b"<")
    assert read_header(write("x.safetensors", content)).tensors


def test_a_file_without_tensors_is_valid(write: Write) -> None:
    assert read_header(write("x.safetensors", file_of({}, b""))).tensors == ()


BROKEN = {
    "it is empty": b"",
    "it has 5 bytes": b"12345",
    "cut off, or another format": b"just a text file, longer than eight bytes",
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "zip archive": b"PK\x03\x04" + b"\0" * 40,
    "web page": b"<!DOCTYPE html><html></html>",
    "more than 16777216": struct.pack("<Q", (16 << 20) + 1) + b"{" + b" " * ((16 << 20) + 8),
    "is not a JSON object": file_of(b"[1, 2]"),
    "header is not JSON": file_of(b'{"t": '),
    "not JSON; copy": file_of(b'{"t": "\xff"}'),
    "header is not JSON; copy": file_of(b'{"a":' + b"[" * 100_000),
    "something twice": file_of(b'{"t": {}, "t": {}}'),
    "holds NaN": file_of(b'{"t": NaN}'),
    "not a map of texts": file_of({"__metadata__": {"step": 3}}, b""),
    "__metadata__ is not": file_of({"__metadata__": []}, b""),
    "unprintable": file_of({"a\u001b[31m": ENTRY}),
    "longer than 300": file_of({"a" * 301: ENTRY}),
    "must have exactly": file_of({"t": 3}),
    "exactly dtype, shape": with_entry(extra=1),
    "unknown dtype": with_entry(dtype="F33"),
    "has an unknown dtype": with_entry(dtype=["F32"]),
    "not a list of up to 8": with_entry(shape=[1] * 7 + [2, 3]),
    "shape that is not": with_entry(shape=[-2, -3]),
    "a shape that is not": with_entry(shape=[2.0, 3]),
    "has a shape that": with_entry(shape=[True, 6]),
    "a list of up to": with_entry(shape=[2**41, 0]),
    "shape that": with_entry(shape="23"),
    "not [begin, end]": with_entry(data_offsets=[0]),
    "offsets that are not": with_entry(data_offsets=[-1, 23]),
    "do not fit F32": with_entry(data_offsets=[0, 20]),
    "takes -24 bytes": with_entry(data_offsets=[24, 0]),
    "is cut off": file_of({"t": ENTRY}, b"\0" * 20),
    "goes on after": file_of({"t": ENTRY}, b"\0" * 28),
    "leaves a gap": file_of({"t": ENTRY, "u": ENTRY | {"data_offsets": [28, 52]}}, b"\0" * 52),
    "overlaps": file_of({"t": ENTRY, "u": ENTRY | {"data_offsets": [20, 44]}}, b"\0" * 44),
    "gap before it": with_entry(data_offsets=[8, 32]),
}


@pytest.mark.parametrize("word", BROKEN)
def test_every_fault_is_named_in_one_line(write: Write, word: str) -> None:
    assert word in refusal(write("x.safetensors", BROKEN[word]))


def test_numbers_of_absurd_length_are_refused_at_once(write: Write) -> None:
    assert "not JSON" in refusal(write("x.safetensors", file_of(b'{"t": {"shape": [' + b"9" * 100_000 + b"]}}")))


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "absent.safetensors")
    assert "not a regular file" in refusal(tmp_path)
    fifo = tmp_path / "pipe.safetensors"
    if hasattr(os, "mkfifo"):
        os.mkfifo(fifo)
        assert "not a regular file" in refusal(fifo)


SHAPES = st.lists(st.integers(0, 4), max_size=4)


@given(st.dictionaries(st.text("abc._01", max_size=9), st.tuples(st.sampled_from(sorted(DTYPE_BITS)), SHAPES)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_tiling_of_the_file_is_read_back(write: Write, tensors: dict[str, tuple[str, list[int]]]) -> None:
    header: dict[str, Any] = {}
    end = 0
    for name, (dtype, shape) in tensors.items():
        bits = DTYPE_BITS[dtype]
        for size in shape:
            bits *= size
        if bits % 8 or name == "__metadata__":
            continue
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + bits // 8]}
        end += bits // 8
    found = read_header(write("x.safetensors", file_of(header, b"\1" * end)))
    assert {each.name: (each.dtype, list(each.shape)) for each in found.tensors} == {
        name: tensors[name] for name in header
    }


@given(st.binary(max_size=120))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
def test_no_header_of_any_bytes_does_more_than_be_refused(write: Write, text: bytes) -> None:
    path = write("x.safetensors", file_of(text))
    with suppress(DiagnoseError):
        assert not read_header(path).tensors
