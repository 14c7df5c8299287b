"""The header of a safetensors file, checked against the whole of the format, without touching tensor data.

Strict: whatever the format forbids is an error, because a LoRA that half loads is worse than one that does not.
The format: eight bytes N (unsigned, little endian), N bytes of JSON, then the tensors without gap or overlap
(https://github.com/huggingface/safetensors#format). Knows nothing of LoRA.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any, NoReturn

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import TensorEntry

LENGTH_FIELD = 8
HEADER_LIMIT = 16 * 2**20
"""Bytes. The format allows 100 MB; a LoRA of 40 blocks needs 0.1 MB, and parsing takes some ten times the text."""
DIMENSION_LIMIT = 8
SIZE_LIMIT = 2**40
"""Of one dimension; keeps the product of hostile shapes small enough to compute."""
NAME_LIMIT = 300
DTYPE_BITS: Mapping[str, int] = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}
LOOKALIKES: Mapping[bytes, str] = {
    b"version https://git-lfs": "a Git LFS pointer, not the file itself; fetch it with `git lfs pull`",
    b"PK\x03\x04": "a zip archive, such as a PyTorch .pt file; only safetensors is read",
    b"<": "a web page or XML, not a model; download the file again",
    b"GGUF": "a GGUF file; only safetensors is read",
}
"""First bytes -> what such a file is. Looked at only where the first eight bytes are no possible length."""
START = max(map(len, LOOKALIKES))


class Header(Struct, frozen=True):
    """A valid header: tensors in order of their bytes, and what identifies the file."""

    tensors: tuple[TensorEntry, ...]
    metadata: Mapping[str, str]
    sha256: str
    size: int
    modified: int


class _FormatError(Exception):
    """What is wrong, before the file's name is known."""


def read_header(path: Path) -> Header:
    """Read and check the header of one file.

    Raises:
        DiagnoseError: not a readable regular file, or not safetensors in every point of the format.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DiagnoseError(f"{path}: not a regular file; give a .safetensors file")
        text = _header_text(path, status.st_size)
        document = _parse(text)
        metadata = document.pop("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
            _broken("__metadata__ is not a map of texts")
        tensors = _tensors(document, start=LENGTH_FIELD + len(text), size=status.st_size)
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    except _FormatError as error:
        raise DiagnoseError(f"{path}: {error}") from error
    return Header(tensors, metadata, sha256(text).hexdigest(), status.st_size, status.st_mtime_ns)


def _broken(what: str) -> NoReturn:
    raise _FormatError(f"not a valid safetensors file: {what}; copy or save it again")


def _header_text(path: Path, size: int) -> bytes:
    """Return the JSON bytes, once their stated length is known to be possible."""
    with path.open("rb") as file:
        start = file.read(START)
        if size < LENGTH_FIELD:
            _broken(f"it has {size} bytes, too few for a header" if size else "it is empty")
        length = int.from_bytes(start[:LENGTH_FIELD], "little")
        for signature, kind in LOOKALIKES.items():
            if length > min(size - LENGTH_FIELD, HEADER_LIMIT) and start.startswith(signature):
                raise _FormatError(kind)
        if length > size - LENGTH_FIELD:
            _broken(f"the header should take {length} bytes and the file has {size} (cut off, or another format)")
        if length > HEADER_LIMIT:
            _broken(f"the header takes {length} bytes; more than {HEADER_LIMIT} is not read")
        file.seek(LENGTH_FIELD)
        text = file.read(length)
    if len(text) < length or not text.startswith(b"{"):
        _broken("the header is not a JSON object")
    return text


def _parse(text: bytes) -> dict[str, Any]:
    """Return the JSON object; duplicate keys, NaN and bytes that are not UTF-8 are refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            _broken("the header names something twice")
        return found

    def no_constant(name: str) -> NoReturn:
        _broken(f"the header holds {name}")

    try:
        document = json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise _FormatError("not a valid safetensors file: the header is not JSON; copy or save it again") from error
    if not isinstance(document, dict):
        _broken("the header is not a JSON object")
    return document


def _tensors(document: dict[str, Any], *, start: int, size: int) -> tuple[TensorEntry, ...]:
    """Return the entries in order of their bytes, which must tile the rest of the file."""
    entries = sorted(
        (_entry(name, fields, start) for name, fields in document.items()),
        key=lambda entry: (entry.begin, entry.end),
    )
    reached = start
    for entry in entries:
        if entry.begin != reached:
            what = "overlaps the tensor before it" if entry.begin < reached else "leaves a gap before it"
            _broken(f"{entry.name!r} {what}")
        reached = entry.end
    if reached != size:
        what = "is cut off" if reached > size else "goes on after the last tensor"
        _broken(f"its tensors end at byte {reached} and the file at {size}: it {what}")
    return tuple(entries)


def _entry(name: str, fields: object, start: int) -> TensorEntry:
    """Return one tensor's entry with absolute offsets. Names are shown to the user, so they must be printable."""
    if not name.isprintable() or len(name) > NAME_LIMIT:
        _broken(f"a tensor's name is unprintable or longer than {NAME_LIMIT} characters")
    if not isinstance(fields, dict) or fields.keys() != {"dtype", "shape", "data_offsets"}:
        _broken(f"{name!r} must have exactly dtype, shape and data_offsets")
    dtype = fields["dtype"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        _broken(f"{name!r} has an unknown dtype")
    shape = _whole_numbers(fields["shape"])
    if shape is None or len(shape) > DIMENSION_LIMIT:
        _broken(f"{name!r} has a shape that is not a list of up to {DIMENSION_LIMIT} whole numbers")
    offsets = _whole_numbers(fields["data_offsets"])
    if offsets is None or len(offsets) != len(("begin", "end")):
        _broken(f"{name!r} has data_offsets that are not [begin, end]")
    begin, end = offsets
    if prod(shape) * DTYPE_BITS[dtype] != (end - begin) * 8:
        _broken(f"{name!r} takes {end - begin} bytes, which do not fit {dtype} of shape {list(shape)}")
    return TensorEntry(name, dtype, shape, start + begin, start + end)


def _whole_numbers(found: object) -> tuple[int, ...] | None:
    """Return a list of whole numbers within [0, SIZE_LIMIT] as a tuple, anything else as None."""
    if isinstance(found, list) and all(type(number) is int and 0 <= number <= SIZE_LIMIT for number in found):
        return tuple(found)
    return None
