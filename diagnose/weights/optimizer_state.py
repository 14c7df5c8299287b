"""The trainer's optimizer.pt: bump, bounds and live learning rate of each expert, read without torch.

The file is a pickle from strangers. It is opened only if it is an uncompressed zip of bounded size whose pickle names
nothing but tensors and plain containers. Our unpickler makes nothing else either: of a tensor it notes where its
numbers lie, and those are read for the live rates alone. numpy is loaded only then.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
import struct
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from statistics import fmean
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from diagnose.core.errors import DiagnoseError
from diagnose.core.frozen import dataclass
from diagnose.sources.finite import finite
from diagnose.weights.run_weights import OptimizerReading, ParamGroup

SIZE_LIMIT = 32 * 2**30
"""Bytes; AdamW in fp32 for both experts at rank 64 is 5 GB. Of the tensors only automagic's rates are read."""
PICKLE_LIMIT = 16 * 2**20
"""Bytes of structure without tensor data; 1600 tensors with automagic's state take 0.8 MB."""
CHUNK = 2**20
"""Bytes of a tensor held at once."""
MOST_DIMENSIONS = 8
"""Of a tensor; a LoRA factor has two, that of a convolution four or five."""
SCALARS = {
    "FloatStorage": ("<f", 0),
    "DoubleStorage": ("<d", 0),
    "HalfStorage": ("<e", 0),
    "BFloat16Storage": ("<f", 2),
}
"""Type of a storage -> how `struct` reads one number, and how many zero bytes stand in for its lower half."""
ALLOWED = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_tensor_v2"
    r"|torch (?:[A-Z][A-Za-z0-9]*Storage|bool|bfloat16|float\d+|u?int\d+)"
)
"""What an optimizer's pickle may name: its tensors, their types, and the one container that is no builtin."""


def read_optimizer(path: Path, *, live: bool) -> OptimizerReading:
    """Read the parameter groups of an optimizer.pt, with the live rates if asked for.

    Raises:
        DiagnoseError: it cannot be read, is too large, or is not the state of an optimizer and nothing else.
    """
    _check_archive(path)
    try:
        with ZipFile(path) as archive:
            groups = _groups(archive, live=live)
    except Exception as error:
        # A damaged or hostile pickle may raise anything.
        raise DiagnoseError(
            f"{path}: not a readable optimizer state ({type(error).__name__}); save it again"
        ) from error
    if not groups:
        raise DiagnoseError(f"{path}: holds no parameter groups of an optimizer; give the trainer's optimizer.pt")
    return OptimizerReading(path.name, groups)


def _check_archive(path: Path) -> None:
    """Refuse what could fill the memory before it is unpickled."""
    try:
        _check_members(path)
    except DiagnoseError:
        raise
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except Exception as error:
        # On damaged input zipfile raises BadZipFile, EOFError, struct.error and more; pickletools ValueError.
        raise DiagnoseError(f"{path}: not a torch.save file, or damaged; save it again") from error


def _check_members(path: Path) -> None:
    if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
        raise DiagnoseError(f"{path}: no file, or one of more than {SIZE_LIMIT >> 30} GiB; not read")
    with ZipFile(path) as archive:
        records = archive.infolist()
        pickles = [record for record in records if record.filename.endswith("data.pkl")]
        if len(pickles) != 1 or pickles[0].file_size > PICKLE_LIMIT:
            raise DiagnoseError(f"{path}: not one pickle of at most {PICKLE_LIMIT >> 20} MiB; not read")
        if any(record.compress_type != ZIP_STORED for record in records):
            raise DiagnoseError(f"{path}: compressed, which torch.save never does; not read")
        strangers = _strangers(archive.read(pickles[0]))
    if strangers:
        raise DiagnoseError(f"{path}: its pickle names {strangers[0]!r}, which no optimizer state needs; not read")


def _strangers(pickled: bytes) -> list[str]:
    """Return the names in a pickle that are not allowed.

    Raises:
        ValueError: it is not a pickle.
    """
    named = []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name in {"STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"}:
            named.append(opcode.name)
        elif opcode.name == "GLOBAL" and not ALLOWED.fullmatch(str(argument)):
            named.append(str(argument)[:80])
    return named


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor's numbers lie: type and record of its storage, and the layout in numbers, not bytes."""

    storage: tuple[str, str]
    offset: int
    size: Sequence[int]
    stride: Sequence[int]

    @property
    def whole(self) -> bool:
        """Whether its numbers lie one after the other, so that there are no more of them than the record holds."""
        steps = [prod(self.size[index + 1 :]) for index in range(len(self.size))]
        return all(one == 1 or step == due for one, step, due in zip(self.size, self.stride, steps, strict=True))


def _tensor(storage: tuple[str, str], offset: int, size: Any, stride: Any, *_more: object) -> _Tensor:  # noqa: ANN401
    if len(size) > MOST_DIMENSIONS:
        raise ValueError(size[:MOST_DIMENSIONS])
    return _Tensor(storage, offset, size, stride)


class _Plain(pickle.Unpickler):
    """Builds plain containers and `_Tensor`; a type that the pickle names becomes its name."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - what a pickle asks for
        """Return what the allowed names stand for here."""
        return {"collections": OrderedDict, "torch._utils": _tensor}.get(module, name)

    def persistent_load(self, pid: Any) -> tuple[str, str]:  # noqa: ANN401 - what a pickle holds
        """Return type and record of a storage, ("CharStorage", "12"); its numbers are not read."""
        return pid[1], pid[2]


def _groups(archive: ZipFile, *, live: bool) -> tuple[ParamGroup, ...]:
    """Return the groups in the file's order, none if it is not the state of an optimizer."""
    pickled = next(name for name in archive.namelist() if name.endswith("data.pkl"))
    state = _Plain(io.BytesIO(archive.read(pickled))).load()
    if not isinstance(state, dict):
        return ()
    groups, tensors = state.get("param_groups"), state.get("state")
    if not isinstance(groups, list) or not isinstance(tensors, dict):
        return ()
    numbers = _Numbers(archive, pickled.removesuffix("data.pkl") + "data/")
    return tuple(
        ParamGroup(
            lr_bump=numbers.scalar(group.get("lr_bump")),
            min_lr=numbers.scalar(group.get("min_lr")),
            max_lr=numbers.scalar(group.get("max_lr")),
            rate=_rate(group, tensors, numbers) if live else None,
        )
        for group in groups
        if isinstance(group, dict)
    )


def _rate(group: Mapping[str, Any], tensors: Mapping[object, Any], numbers: _Numbers) -> float | None:
    """Return the mean of automagic's rates, stored per weight as int8 times a scale per tensor."""
    params = group.get("params")
    states = [tensors.get(each) for each in params if isinstance(each, int)] if isinstance(params, list) else []
    rates = []
    for state in states:
        mask = state.get("lr_mask") if isinstance(state, dict) else None
        if isinstance(mask, dict):
            mean, scale = numbers.mean(mask.get("quantized")), numbers.scalar(mask.get("scale"))
            if mean is not None and scale is not None:
                rates.append(mean * scale)
    return fmean(rates) if rates else None


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of tensors, in the records of an archive below `prefix`."""

    archive: ZipFile
    prefix: str

    def scalar(self, found: object) -> float | None:
        """Return a finite number, or the one in a float tensor of one element; None for anything else."""
        if not isinstance(found, _Tensor):
            return finite(found)
        if found.storage[0] not in SCALARS or prod(found.size) != 1:
            return None
        form, absent = SCALARS[found.storage[0]]
        width = struct.calcsize(form) - absent
        with self.archive.open(self.prefix + found.storage[1]) as record:
            record.seek(found.offset * width)
            return finite(*struct.unpack(form, bytes(absent) + record.read(width)))

    def mean(self, found: object) -> float | None:
        """Return the mean of an int8 tensor, None for anything else or an empty one."""
        if not isinstance(found, _Tensor) or found.storage[0] != "CharStorage" or not found.whole:
            return None
        import numpy as np  # noqa: PLC0415 - few runs need their optimizer's rates

        count = left = prod(found.size)
        total = 0
        with self.archive.open(self.prefix + found.storage[1]) as record:
            record.seek(found.offset)
            while left:
                chunk = record.read(min(left, CHUNK))
                if not chunk:
                    raise EOFError(self.prefix + found.storage[1])
                total += int(np.frombuffer(chunk, np.int8).sum(dtype=np.int64))
                left -= len(chunk)
        return total / count if count else None
