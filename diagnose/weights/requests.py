"""What we and a worker process say to each other: one line each way per request, both JSON. Knows no numpy.

The answer to a request is {results}, one JSON value per item; or {error}, what is wrong with the file; or {fault}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from msgspec import Struct, convert, to_builtins

from diagnose.core.errors import DiagnoseError
from diagnose.weights.lora_pairs import LoraPair


class Task(str, Enum):
    """What is asked about a module."""

    STATISTICS = "statistics"
    """Of one file: its measurement, as `diagnose.weights.modules` writes it."""
    OVERLAP = "overlap"
    """Of two files: the inner product of its updates, without their scales; null if a number is not finite."""


class Request(Struct, frozen=True):
    """A task, the files to read from, and for every module one pair per file."""

    task: Task
    paths: tuple[Path, ...]
    modules: tuple[tuple[LoraPair, ...], ...]

    @property
    def bytes(self) -> int:
        """What is to be read."""
        return sum(map(size_of, self.modules))

    @property
    def line(self) -> str:
        """The request as it is sent."""
        return json.dumps(to_builtins(self, enc_hook=str)) + "\n"

    def parts(self, shares: int, *, least: int, most: int) -> Iterator[Request]:
        """Cut the request, each part a share of what is left: few parts, and small ones last, that all end together.

        A part reads at least `least` and, but for a module on the edge, at most `most` bytes.
        """
        left, filled = self.bytes, 0
        part: list[tuple[LoraPair, ...]] = []
        for module in self.modules:
            part.append(module)
            filled += size_of(module)
            if filled >= max(least, min(most, left // shares)):
                yield Request(self.task, self.paths, tuple(part))
                left, filled, part = left - filled, 0, []
        if part:
            yield Request(self.task, self.paths, tuple(part))


def read_request(line: str) -> Request:
    """Return what `Request.line` wrote."""
    return convert(json.loads(line), Request, dec_hook=lambda kind, found: kind(found))


def answer(results: Iterable[Any]) -> str:
    """Return the line that carries the results, or what went wrong over them."""
    try:
        found: dict[str, Any] = {"results": list(results)}
    except DiagnoseError as error:
        found = {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - a bug is told where it can be shown
        found = {"fault": f"{type(error).__name__}: {error}"}
    return json.dumps(found) + "\n"


def read_answer(line: str) -> Sequence[Any]:
    """Return the results.

    Raises:
        DiagnoseError: a file cannot be used, in the worker's words.
        RuntimeError: the worker has a bug.
    """
    found: dict[str, Any] = json.loads(line)
    if "error" in found:
        raise DiagnoseError(found["error"])
    if "fault" in found:
        raise RuntimeError(f"in a worker process: {found['fault']}")
    results: Sequence[Any] = found["results"]
    return results


def size_of(module: Iterable[LoraPair]) -> int:
    """Return how many bytes are read for a module."""
    return sum(pair.bytes for pair in module)
