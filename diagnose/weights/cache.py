"""Keep what a measurement of an unchanged file came to, so that no tensor is read twice.

One JSON file per result in the user's cache folder, named by what was measured: safe to delete, to share between
processes and to lose. Whatever is wrong with it only costs the time of measuring again. Knows nothing of figures.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from diagnose.errors import DiagnoseError
from diagnose.sources.readings import CheckpointFile

FORMAT = 2
"""Raise it whenever a figure is computed or stored differently: older results are then not found."""
ENTRY_LIMIT = 64 * 2**20
SAMPLES = 16
SAMPLE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of results; without a folder it remembers nothing."""

    folder: Path | None

    def load(self, key: str) -> Any | None:  # noqa: ANN401 - any JSON value
        """Return the stored JSON value, None if there is none or a single bit of it is damaged."""
        if self.folder is None:
            return None
        path = self._path(self.folder, key)
        try:
            if path.stat().st_size > ENTRY_LIMIT:
                return None
            content = path.read_bytes()
            text = content[len(_sealed(b"")) - 1 : -1]
            return json.loads(text) if content == _sealed(text) else None
        except (OSError, ValueError, RecursionError):
            return None

    def store(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Store a JSON value whole or not at all; a folder that cannot be written to is no error."""
        if self.folder is None:
            return
        path = self._path(self.folder, key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, _sealed(_text(value)))
        except OSError:
            return

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / f"weights-{FORMAT}" / f"{key}.json"


def default_cache() -> Cache:
    """Return the user's cache: DIAGNOSE_CACHE_DIR, else the platform's place; none if there is no home."""
    if chosen := os.environ.get("DIAGNOSE_CACHE_DIR"):
        return Cache(Path(chosen))
    try:
        return Cache(_platform_folder() / "diagnose")
    except RuntimeError:
        return Cache(None)


def key_of(checkpoints: Iterable[CheckpointFile], *, purpose: str) -> str:
    """Return the name under which a result about these files, in this order, is kept.

    It depends on each file's header, size, time of change, experts and a sample of its bytes, and not on its path.
    `purpose` keeps different results about the same files apart.

    Raises:
        DiagnoseError: a file cannot be read.
    """
    digest = sha256(purpose.encode())
    for checkpoint in checkpoints:
        identity = (checkpoint.header_sha256, checkpoint.size, checkpoint.modified, checkpoint.experts.value)
        digest.update(_text(identity))
        try:
            for sample in _samples(checkpoint):
                digest.update(sample)
        except OSError as error:
            raise DiagnoseError(f"{checkpoint.path}: cannot be read ({error.strerror}); check the path") from error
    return digest.hexdigest()


def check_unchanged(checkpoint: CheckpointFile) -> None:
    """Make sure that what was read belongs to the header that was read before: a live run replaces files.

    Raises:
        DiagnoseError: the file is another one by now.
    """
    try:
        status = checkpoint.path.stat()
        same = (status.st_size, status.st_mtime_ns) == (checkpoint.size, checkpoint.modified)
    except OSError:
        same = False
    if not same:
        raise DiagnoseError(f"{checkpoint.path}: changed while it was read; try again once it is written")


def _samples(checkpoint: CheckpointFile) -> Iterable[bytes]:
    """Yield a few stretches, evenly spread, of a file whose time of change may lie."""
    with checkpoint.path.open("rb", buffering=0) as file:
        for index in range(SAMPLES):
            file.seek(max(0, checkpoint.size - SAMPLE_BYTES) * index // (SAMPLES - 1))
            yield file.read(SAMPLE_BYTES)


def _platform_folder() -> Path:
    """Return where this platform keeps caches.

    Raises:
        RuntimeError: there is no home folder.
    """
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    given = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path is invalid and must be ignored.
    return Path(given) if Path(given).is_absolute() else Path.home() / ".cache"


def _text(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def _sealed(text: bytes) -> bytes:
    """Return the JSON object that holds a JSON text and its digest."""
    return b'{"sha256":"%s","value":%s}' % (sha256(text).hexdigest().encode(), text)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that no reader, and no crash, ever sees half of it."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
