"""The trainer's optimizer.pt: bump, bounds and live learning rate of each expert.

The file is a pickle from strangers. It is opened only if it is an uncompressed zip of bounded size whose pickle names
nothing but tensors and plain containers. Torch's restricted loader reads it where the live rates are wanted. Without
them, an unpickler that makes plain containers alone is enough, and torch stays out.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from diagnose.core.errors import DiagnoseError
from diagnose.sources.finite import finite
from diagnose.weights.measurement import OptimizerReading, ParamGroup

SIZE_LIMIT = 32 * 2**30
"""Bytes; AdamW in fp32 for both experts at rank 64 is 5 GB. Tensors are mapped, not loaded."""
PICKLE_LIMIT = 16 * 2**20
"""Bytes of structure without tensor data; 1600 tensors with automagic's state take 0.8 MB."""
ALLOWED = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_tensor_v2"
    r"|torch (?:[A-Z][A-Za-z0-9]*Storage|bool|bfloat16|float\d+|u?int\d+)"
)
"""What an optimizer's pickle may name: its tensors, their types, and the one container that is no builtin. Torch's
loader allows more, such as bytearray, which can fill memory."""
CHUNK = 2**17
"""Numbers added up at once."""


def read_optimizer(path: Path, *, live: bool) -> OptimizerReading:
    """Read the parameter groups of an optimizer.pt, with the live rates and what else stands in tensors if asked for.

    Raises:
        DiagnoseError: it cannot be read, is too large, or is not the state of an optimizer and nothing else.
    """
    try:
        fault = _fault(path)
    except OSError as error:
        raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except Exception as error:
        # On damaged input zipfile raises BadZipFile, EOFError, struct.error and more; pickletools ValueError.
        raise DiagnoseError(f"{path}: not a torch.save file, or damaged; save it again") from error
    if fault:
        raise DiagnoseError(f"{path}: {fault}; not read")
    try:
        groups = _groups(load_state(path) if live else _load_plain(path))
    except Exception as error:
        # A damaged or hostile pickle may raise anything.
        raise DiagnoseError(
            f"{path}: not a readable optimizer state ({type(error).__name__}); save it again"
        ) from error
    if not groups:
        raise DiagnoseError(f"{path}: holds no parameter groups of an optimizer; give the trainer's optimizer.pt")
    return OptimizerReading(path.name, groups)


def _fault(path: Path) -> str:
    """Return what forbids to unpickle the file, as it could fill the memory or run code; "" where nothing does."""
    if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
        return f"no file, or one of more than {SIZE_LIMIT >> 30} GiB"
    with ZipFile(path) as archive:
        records = archive.infolist()
        pickles = [record for record in records if record.filename.endswith("data.pkl")]
        if len(pickles) != 1 or pickles[0].file_size > PICKLE_LIMIT:
            return f"not one pickle of at most {PICKLE_LIMIT >> 20} MiB"
        if any(record.compress_type != ZIP_STORED for record in records):
            return "compressed, which torch.save never does"
        strangers = _strangers(archive.read(pickles[0]))
    return f"its pickle names {strangers[0]!r}, which no optimizer state needs" if strangers else ""


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


def load_state(path: Path) -> Any:  # noqa: ANN401 - whatever a stranger's pickle holds
    """Load a state dict of plain values and tensors by torch; storages are mapped, and read where they are used.

    Raises:
        Exception: of many kinds, when the file is damaged or holds anything else.
    """
    import torch  # noqa: PLC0415 - takes seconds, and nothing but the live rates needs it

    return torch.load(path, map_location="cpu", weights_only=True, mmap=True)


def _load_plain(path: Path) -> object:
    with ZipFile(path) as archive:
        pickled = archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
    return _Plain(io.BytesIO(pickled)).load()


def _groups(state: object) -> tuple[ParamGroup, ...]:
    """Return the groups in the file's order, none if it is not the state of an optimizer."""
    if not isinstance(state, dict):
        return ()
    groups, tensors = state.get("param_groups"), state.get("state")
    if not isinstance(groups, list) or not isinstance(tensors, dict):
        return ()
    return tuple(
        ParamGroup(
            lr_bump=scalar(group.get("lr_bump")),
            min_lr=scalar(group.get("min_lr")),
            max_lr=scalar(group.get("max_lr")),
            rate=mean_rate(group, tensors),
        )
        for group in groups
        if isinstance(group, dict)
    )


def scalar(found: Any) -> float | None:  # noqa: ANN401 - a tensor, or whatever a pickle holds
    """Return a finite number, or the one in a tensor of one element, as a float; None for anything else."""
    return finite(found.item() if hasattr(found, "numel") and found.numel() == 1 else found)


def mean_rate(group: Mapping[str, Any], tensors: Mapping[object, Any]) -> float | None:
    """Return the mean of automagic's rates, stored per weight as int8 times a scale per tensor; None if it has none."""
    params = group.get("params")
    states = [tensors.get(each) for each in params if isinstance(each, int)] if isinstance(params, list) else []
    rates = []
    for state in states:
        mask = state.get("lr_mask") if isinstance(state, dict) else None
        if isinstance(mask, dict):
            mean, scale = _mean_of_integers(mask.get("quantized")), scalar(mask.get("scale"))
            if mean is not None and scale is not None:
                rates.append(mean * scale)
    return fmean(rates) if rates else None


def _mean_of_integers(found: Any) -> float | None:  # noqa: ANN401 - as above
    """Return the mean of an int8 tensor, None for anything else or an empty one.

    One that is not contiguous may repeat its numbers without end, and no trainer saves such rates.
    """
    if str(getattr(found, "dtype", "")) != "torch.int8" or not found.is_contiguous():
        return None
    flat = found.reshape(-1)
    total = sum(int(flat[begin : begin + CHUNK].sum()) for begin in range(0, flat.numel(), CHUNK))
    return total / flat.numel() if flat.numel() else None


def _nothing(*_parts: object) -> None:
    return None


class _Plain(pickle.Unpickler):
    """Builds plain containers alone; whatever else the pickle names becomes None."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - what a pickle asks for
        """Return the one container that a state dict needs, and for any other name what makes nothing."""
        return OrderedDict if (module, name) == ("collections", "OrderedDict") else _nothing

    def persistent_load(self, _pid: object) -> None:
        """Read no tensor's data."""
