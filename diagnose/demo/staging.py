"""A new folder that appears whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnose.core.errors import DiagnoseError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write into; it takes the name `target` when the block ends without an exception.

    Until then it lies in a temporary folder beside the target, which is gone afterwards either way.

    Raises:
        DiagnoseError: the target is a file or holds something, or nothing can be written there.
    """
    try:
        place = target.resolve()
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise DiagnoseError(f"{target}: exists and is not an empty folder; name a new one")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as shelter:
            folder = Path(shelter) / place.name
            folder.mkdir()
            yield folder
            if place.exists():
                place.rmdir()
            folder.replace(place)
    except OSError as error:
        raise DiagnoseError(f"{target}: cannot be written ({error.strerror}); name another folder") from error
