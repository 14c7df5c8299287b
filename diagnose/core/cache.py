"""Keep what was worked out once and holds as long as its input does, so that it is not worked out again.

One JSON file per result in the user's cache folder, named by what it was made of: safe to delete, to share between
processes and to lose. Whatever is wrong with it only costs the time of working it out again. Knows nothing of what it
keeps.
"""

from __future__ import annotations

import os
import sys
from binascii import crc32
from importlib.util import source_hash
from pathlib import Path
from typing import Any, TypeVar

from msgspec import MsgspecError, Struct, json

from diagnose.core.paths import replace_whole

Kind = TypeVar("Kind")

ENTRY_LIMIT = 64 * 2**20
FOR_THE_USER = 0o600


class Cache(Struct, frozen=True):
    """A folder of results; without a folder it remembers nothing."""

    folder: Path | None

    def load(self, key: str, kind: type[Kind]) -> Kind | None:
        """Return the stored value, None if there is none of this kind or a single bit of it is damaged.

        A key is a name with the drawer it lies in, "weights-1/3f…".
        """
        if self.folder is None:
            return None
        path = self.folder / f"{key}.json"
        try:
            if not path.is_file() or path.stat().st_size > ENTRY_LIMIT:  # a device or a pipe has no end
                return None
            content = path.read_bytes()
            text = content[len(_sealed(b"")) - 1 : -1]
            return from_json(text, kind) if content == _sealed(text) else None
        except (OSError, MsgspecError, RecursionError):
            return None

    def store(self, key: str, value: object) -> None:
        """Store a value whole or not at all; a folder that takes none and half a character are no error."""
        if self.folder is None:
            return
        path = self.folder / f"{key}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_whole(path, _sealed(to_json(value)), rights=FOR_THE_USER)
        except (OSError, UnicodeEncodeError):
            return


def fingerprint(content: bytes) -> str:
    """Return what tells contents apart, where nobody means to deceive: hashlib loads OpenSSL, 3 ms of every start."""
    return source_hash(content).hex()


def to_json(value: object) -> bytes:
    """Return a value as JSON: plain ones, our structs, paths. Floats come back to the last bit; NaN becomes null."""
    return json.encode(value, enc_hook=_written)


def from_json(text: bytes, kind: type[Kind]) -> Kind:
    """Return the value of a kind that `to_json` wrote.

    Raises:
        MsgspecError: it is none of this kind.
    """
    return json.decode(text, type=kind, dec_hook=_read)


def _written(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _read(kind: type, value: Any) -> Path:  # noqa: ANN401 - what the JSON holds
    if issubclass(kind, Path) and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)


def default_cache() -> Cache:
    """Return the user's cache: DIAGNOSE_CACHE_DIR, else where this platform keeps caches; none if there is no home."""
    environ = os.environ
    if chosen := environ.get("DIAGNOSE_CACHE_DIR"):
        return Cache(Path(chosen))
    try:
        if sys.platform == "win32" and (local := environ.get("LOCALAPPDATA")):
            folder = Path(local)
        elif sys.platform == "darwin":
            folder = Path.home() / "Library" / "Caches"
        else:
            # The XDG specification: a relative path is invalid and must be ignored.
            named = Path(environ.get("XDG_CACHE_HOME", ""))
            folder = named if named.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return Cache(None)
    return Cache(folder / "diagnose")


def _sealed(text: bytes) -> bytes:
    """Return the JSON object that holds a JSON text and its checksum."""
    return b'{"crc32":"%08x","value":%s}' % (crc32(text), text)
