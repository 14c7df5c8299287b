"""Ask for figures of checkpoint files: from the cache where nothing changed, else from workers.

Until something is not in the cache nothing loads numpy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from hashlib import sha256
from typing import Any, TypeAlias

from msgspec import Struct

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import status_of
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.lora_pairs import LoraPair
from diagnose.weights.processes import Processes
from diagnose.weights.requests import Request, Task, size_of

FORMAT = 5
"""Raise it whenever a figure is computed or stored differently: older results are then not found."""
SAMPLES = 16
SAMPLE_BYTES = 4096


class Advance(Struct, frozen=True):
    """One step of a measurement: `modules` of the file's `total` are done, and `bytes` more have been read."""

    file: str
    modules: int
    total: int
    bytes: int


Progress: TypeAlias = Callable[[Advance], None]


class Instrument(Struct, frozen=True):
    """Where results are kept, who works them out, and who is told how far it is, in the calling thread."""

    cache: Cache
    processes: Processes
    progress: Progress | None

    def ask(
        self,
        task: Task,
        checkpoints: Sequence[CheckpointFile],
        modules: Sequence[tuple[LoraPair, ...]],
    ) -> tuple[list[Any], bool]:
        """Return the result for each module, a JSON value, and whether they come from the cache.

        Args:
            task: what is asked.
            checkpoints: the files, the last of which is the one that progress names.
            modules: of each module its pair in every file.

        Raises:
            DiagnoseError: a file cannot be read to its end, it changed meanwhile, or a worker died over it.
        """
        request = Request(task, tuple(each.path for each in checkpoints), tuple(modules))
        tell = self.progress or (lambda _: None)
        file, total = checkpoints[-1].file, len(modules)

        key = key_of(checkpoints, purpose=task.value)
        stored = self.cache.load(key, list[Any])
        if stored is not None and len(stored) == total:
            tell(Advance(file, total, total, request.bytes))
            return stored, True

        fresh: list[Any] = []
        with closing(self.processes.results(request)) as results:
            for module, result in zip(modules, results, strict=True):
                fresh.append(result)
                tell(Advance(file, len(fresh), total, size_of(module)))
        for each in checkpoints:
            # A live run replaces files: what was read must belong to the header that was read before.
            status = status_of(each.path)
            if status is None or (status.st_size, status.st_mtime_ns) != (each.size, each.modified):
                raise DiagnoseError(f"{each.path}: changed while it was read; try again once it is written")
        self.cache.store(key, fresh)
        return fresh, False


@contextmanager
def instrument(cache: Cache, processes: Processes | None, progress: Progress | None) -> Iterator[Instrument]:
    """Yield an instrument with the workers given, which outlive it, or else with new ones, which do not."""
    with closing(Processes()) if processes is None else nullcontext(processes) as workers:
        yield Instrument(cache, workers, progress)


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


def _samples(checkpoint: CheckpointFile) -> Iterable[bytes]:
    """Yield a few stretches, evenly spread, of a file whose time of change may lie."""
    with checkpoint.path.open("rb", buffering=0) as file:
        for index in range(SAMPLES):
            file.seek(max(0, checkpoint.size - SAMPLE_BYTES) * index // (SAMPLES - 1))
            yield file.read(SAMPLE_BYTES)
