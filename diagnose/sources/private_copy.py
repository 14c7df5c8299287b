"""Copy files that another program may be writing into a private folder, and take that folder away again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from diagnose.core.errors import DiagnoseError

_ATTEMPTS = 3


@contextmanager
def private_copy(path: Path, companions: Sequence[Path], *, limit: int) -> Iterator[Path]:
    """Yield the path of a copy of `path`, with those `companions` beside it that exist.

    The files belong together, so the copy is taken again if one changed meanwhile.

    Args:
        path: the file to copy.
        companions: files that may stand beside it.
        limit: the most bytes to copy in all.

    Raises:
        DiagnoseError: a file cannot be read, together they are too large, or they never held still.
    """
    with tempfile.TemporaryDirectory(prefix="diagnose-") as folder:
        try:
            _copy_still(path, companions, Path(folder), limit)
        except OSError as error:
            raise DiagnoseError(
                f"{path}: cannot be copied to read it ({error.strerror}); check disk and rights"
            ) from error
        yield Path(folder) / path.name


def _copy_still(path: Path, companions: Sequence[Path], folder: Path, limit: int) -> None:
    for _ in range(_ATTEMPTS):
        files = [path, *(companion for companion in companions if companion.exists())]
        before = _signature(files)
        size = sum(size for _, size, _ in before)
        if size > limit:
            raise DiagnoseError(
                f"{path}: {size / 1e6:,.0f} MB, more than the {limit / 1e6:,.0f} MB we read; shorten it"
            )
        for file in files:
            shutil.copyfile(file, folder / file.name)
        if _signature(files) == before:
            return
    raise DiagnoseError(f"{path}: changes faster than it can be copied; try again when the trainer pauses")


def _signature(files: Sequence[Path]) -> list[tuple[Path, int, int]]:
    states = [(file, file.stat()) for file in files]
    return [(file, state.st_size, state.st_mtime_ns) for file, state in states]
