"""A file of torch.save, read without torch: plain values, and tensors whose numbers are read where they are used.

The file is a pickle from strangers. It is opened only if it is an uncompressed zip of bounded size whose pickle names
nothing but tensors and plain containers. Nothing is memory-mapped: a file cut off while it is read must be an error,
not a SIGBUS.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
import struct
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from msgspec import Struct

from diagnose.core.errors import DiagnoseError

SIZE_LIMIT = 32 * 2**30
"""Bytes; AdamW in fp32 for both experts at rank 64 is 5 GB. Of tensors, only what is asked for is read."""
PICKLE_LIMIT = 16 * 2**20
"""Bytes of structure without tensor data; 1600 tensors with automagic's state take 0.8 MB."""
ALLOWED = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_tensor_v2"
    r"|torch (?:[A-Z][A-Za-z0-9]*Storage|bool|bfloat16|float\d+|u?int\d+)"
)
"""What an optimizer's pickle may name: its tensors, their types, and the one container that is no builtin."""
NUMBERS: Mapping[str, str] = {
    "BFloat16Storage": "<f",  # the upper half of one
    "ByteStorage": "<B",
    "CharStorage": "<b",
    "DoubleStorage": "<d",
    "FloatStorage": "<f",
    "HalfStorage": "<e",
    "IntStorage": "<i",
    "LongStorage": "<q",
    "ShortStorage": "<h",
}
"""How a number lies in each kind of storage, as `struct` says it."""
MOST_DIMENSIONS = 64
"""Of a tensor; torch reckons with no more."""
CHUNK = 2**20
"""Bytes added up at once."""


@contextmanager
def saved_state(path: Path, *, numbers: bool) -> Iterator[object]:
    """Yield what a file holds: plain values, and tensors if `numbers` are to be read from them, else None for each.

    Raises:
        DiagnoseError: it cannot be read, is too large, damaged, or more than a state of plain values and tensors.
            Also where that shows only when its numbers are read.
    """
    try:
        _check_size(path)
        with ZipFile(path) as archive:
            name, pickled = _checked_pickle(path, archive)
            yield _Unpickler(pickled, archive if numbers else None, name.removesuffix("data.pkl")).load()
    except DiagnoseError:
        raise
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except Exception as error:
        # zipfile raises BadZipFile, EOFError, struct.error and more, and a damaged or hostile pickle anything.
        kind = type(error).__name__
        raise DiagnoseError(
            f"{path}: not a torch.save file, damaged, or changed while it was read ({kind}); save it again"
        ) from error


def _check_size(path: Path) -> None:
    if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
        raise DiagnoseError(f"{path}: no file, or one of more than {SIZE_LIMIT >> 30} GiB; not read")


def _checked_pickle(path: Path, archive: ZipFile) -> tuple[str, bytes]:
    """Return the pickle's name and bytes.

    Raises:
        DiagnoseError: it may not be loaded, as it could fill the memory or run code.
    """
    records = archive.infolist()
    pickles = [record for record in records if record.filename.endswith("data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > PICKLE_LIMIT:
        raise DiagnoseError(f"{path}: not one pickle of at most {PICKLE_LIMIT >> 20} MiB; not read")
    if any(record.compress_type != ZIP_STORED for record in records):
        raise DiagnoseError(f"{path}: compressed, which torch.save never does; not read")
    pickled = archive.read(pickles[0])
    strangers = _strangers(pickled)
    if strangers:
        raise DiagnoseError(f"{path}: its pickle names {strangers[0]!r}, which no optimizer state needs; not read")
    return pickles[0].filename, pickled


def _strangers(pickled: bytes) -> list[str]:
    """Return what a pickle names and must not: other names, and a place in its memo beyond the pickle's own length.

    Python makes room for all places before that one, so a few bytes could fill the memory.

    Raises:
        ValueError: it is not a pickle.
    """
    named = []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name in {"STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"}:
            named.append(opcode.name)
        elif opcode.name in {"PUT", "LONG_BINPUT"} and not 0 <= int(argument or 0) < len(pickled):
            named.append(f"{opcode.name} {argument}"[:80])
        elif opcode.name == "GLOBAL" and not ALLOWED.fullmatch(str(argument)):
            named.append(str(argument)[:80])
    return named


def _width(kind: str) -> int:
    """Return the bytes of a number in a kind of storage, 1 for one that is not read."""
    return 2 if kind == "BFloat16Storage" else struct.calcsize(NUMBERS.get(kind, "<b"))


class Storage(Struct, frozen=True):
    """Numbers that lie one after the other in a record of the file, of one kind."""

    archive: ZipFile
    record: str
    kind: str
    count: int


class Tensor(Struct, frozen=True):
    """A tensor by its place in a storage; offset and strides count numbers."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def number(self) -> float | None:
        """Return the one number of a tensor of one element; None for any other tensor, and for another kind."""
        form = NUMBERS.get(self.storage.kind)
        if form is None or prod(self.size) != 1:
            return None
        width = _width(self.storage.kind)
        with self.storage.archive.open(self.storage.record) as stream:
            stream.seek(self.offset * width)
            (found,) = struct.unpack(form, bytes(struct.calcsize(form) - width) + stream.read(width))
        return float(found)

    def mean_of_integers(self) -> float | None:
        """Return the mean of a tensor of int8, None for any other or an empty one.

        One that is not contiguous may repeat its numbers without end, and no trainer saves such rates.
        """
        count = prod(self.size)
        if self.storage.kind != "CharStorage" or not count or not self._contiguous():
            return None
        import numpy as np  # noqa: PLC0415 - a tenth of a second, and only live rates need it

        total, left = 0, count
        with self.storage.archive.open(self.storage.record) as stream:
            stream.seek(self.offset)
            while left:
                chunk = stream.read(min(left, CHUNK))
                if not chunk:
                    raise EOFError
                total += int(np.frombuffer(chunk, np.int8).sum(dtype=np.int64))
                left -= len(chunk)
        return total / count

    def _contiguous(self) -> bool:
        step = 1
        for size, stride in zip(reversed(self.size), reversed(self.stride), strict=True):
            if size != 1 and stride != step:
                return False
            step *= size
        return True


class _Unpickler(pickle.Unpickler):
    """Builds plain containers and tensors; the type of a tensor becomes its name."""

    def __init__(self, pickled: bytes, archive: ZipFile | None, folder: str) -> None:
        """`folder`: of the file's records; without an archive each tensor becomes None."""
        super().__init__(io.BytesIO(pickled))
        self._archive, self._folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - what a pickle asks for
        """Return what stands for a name that is ALLOWED."""

        def tensor(*parts: Any) -> Tensor | None:  # noqa: ANN401 - as above
            return self._tensor(*parts)

        # A pickle can set attributes of what it names: of this function, which ends with it, never of a lasting one.
        return {"collections": OrderedDict, "torch._utils": tensor}.get(module, name)

    def persistent_load(self, pid: Any) -> Storage | None:  # noqa: ANN401 - what a pickle asks for
        """Return the storage that a pickle names.

        Raises:
            Exception: of many kinds, when that is no storage of the file.
        """
        _, kind, key, _, count = pid
        if self._archive is None:
            return None
        record = f"{self._folder}data/{key}"
        if not 0 <= count * _width(kind) <= self._archive.getinfo(record).file_size:
            raise pickle.UnpicklingError
        return Storage(self._archive, record, kind, count)

    def _tensor(self, storage: object, offset: int, size: Any, stride: Any, *_rest: object) -> Tensor | None:  # noqa: ANN401 - as above
        """Return a tensor, None without an archive. It must lie within its storage."""
        if not isinstance(storage, Storage):
            return None
        places = (offset, *size, *stride)
        if len(size) > MOST_DIMENSIONS or not all(isinstance(each, int) and 0 <= each < 2**63 for each in places):
            raise pickle.UnpicklingError
        last = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
        if prod(size) and last >= storage.count:
            raise pickle.UnpicklingError
        return Tensor(storage, offset, tuple(size), tuple(stride))
