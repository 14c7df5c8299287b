"""The trainer's optimizer.pt: live learning rates, bounds and update counts per expert.

The file is a pickle from strangers. It is opened only if it is an uncompressed zip of bounded size whose pickle
names nothing but tensors and plain containers, and then only by torch's restricted loader.
"""

from __future__ import annotations

import pickletools
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from diagnose.core.errors import DiagnoseError
from diagnose.weights.optimizer_reading import OptimizerReading, ParamGroup
from diagnose.weights.optimizer_settings import settings_of

SIZE_LIMIT = 32 * 2**30
"""Bytes; AdamW in fp32 for both experts at rank 64 is 5 GB. Tensors are mapped, not loaded."""
PICKLE_LIMIT = 16 * 2**20
"""Bytes of structure without tensor data; 1600 tensors with automagic's state take 0.8 MB."""
ALLOWED = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_tensor_v2"
    r"|torch (?:[A-Z][A-Za-z0-9]*Storage|bool|bfloat16|float\d+|u?int\d+)"
)
"""What an optimizer's pickle may name. Torch's loader allows more, such as bytearray, which can fill memory."""


def read_optimizer(path: Path) -> OptimizerReading:
    """Read an optimizer.pt.

    Raises:
        DiagnoseError: it cannot be read, is too large, or is not the state of an optimizer and nothing else.
    """
    from diagnose.weights.optimizer_groups import load_groups  # noqa: PLC0415 - loads torch

    return _reading(path, load_groups)


def read_optimizer_settings(path: Path) -> OptimizerReading:
    """Read the parameter groups of an optimizer.pt alone, without its tensors and without torch.

    Raises:
        DiagnoseError: as `read_optimizer`.
    """
    return _reading(path, lambda _: settings_of(_pickle(path)))


def _reading(path: Path, load: Callable[[Path], tuple[ParamGroup, ...]]) -> OptimizerReading:
    _check_archive(path)
    try:
        groups = load(path)
    except Exception as error:
        # A damaged or hostile pickle may raise anything.
        raise DiagnoseError(
            f"{path}: not a readable optimizer state ({type(error).__name__}); save it again"
        ) from error
    if not groups:
        raise DiagnoseError(f"{path}: holds no parameter groups of an optimizer; give the trainer's optimizer.pt")
    return OptimizerReading(path.name, groups)


def _pickle(path: Path) -> bytes:
    with ZipFile(path) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))


def _check_archive(path: Path) -> None:
    """Refuse what could fill the memory before the loader sees it."""
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


def _strangers(pickle: bytes) -> list[str]:
    """Return the names in a pickle that are not allowed.

    Raises:
        ValueError: it is not a pickle.
    """
    named = []
    for opcode, argument, _ in pickletools.genops(pickle):
        if opcode.name in {"STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"}:
            named.append(opcode.name)
        elif opcode.name == "GLOBAL" and not ALLOWED.fullmatch(str(argument)):
            named.append(str(argument)[:80])
    return named
