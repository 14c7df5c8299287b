"""The trainer's own notes on a data set, `.aitk_size.json`: whether the fork can still read them.

Upstream writes five values per clip, the fork unpacks three and then finds no clip at all (its data_loader.py).
"""

from __future__ import annotations

import json
from pathlib import Path

NAME = ".aitk_size.json"
FORK_VALUES = 3
MAX_BYTES = 4 * 1024 * 1024


def has_foreign_sizes(folder: Path) -> bool | None:
    """Return whether an entry has more values than the fork unpacks; None where no such file can be read."""
    try:
        with (folder / NAME).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        data = json.loads(raw) if len(raw) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return any(isinstance(entry, list) and len(entry) > FORK_VALUES for entry in data.values())
