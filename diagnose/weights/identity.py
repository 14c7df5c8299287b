"""Which measurement a result belongs to: the name it is kept under, and whether the file is still the one read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import CheckpointFile

FORMAT = 3
"""Raise it whenever a figure is computed or stored differently: older results are then not found."""
SAMPLES = 16
SAMPLE_BYTES = 4096


def key_of(checkpoints: Iterable[CheckpointFile], *, purpose: str) -> str:
    """Return the name under which a result about these files, in this order, is kept in a `Cache`.

    It depends on each file's header, size, time of change, experts and a sample of its bytes, and not on its path.
    `purpose` keeps different results about the same files apart.

    Raises:
        DiagnoseError: a file cannot be read.
    """
    digest = sha256(purpose.encode())
    for checkpoint in checkpoints:
        identity = (checkpoint.header_sha256, checkpoint.size, checkpoint.modified, checkpoint.experts)
        digest.update(json.dumps(identity).encode())
        try:
            for sample in _samples(checkpoint):
                digest.update(sample)
        except OSError as error:
            raise DiagnoseError(f"{checkpoint.path}: cannot be read ({error.strerror}); check the path") from error
    return f"weights-{FORMAT}/{digest.hexdigest()}"


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
