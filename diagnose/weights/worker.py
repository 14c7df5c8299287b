"""Work on requests: in a child process, a line in and a line out (see `requests`), or where little is to be done.

Reads modules, of one checkpoint or of two side by side, and puts their figures together. Imports numpy,
and little else: a child is ready in a fraction of a second.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import to_builtins

from diagnose.weights.factor_reader import FactorReader
from diagnose.weights.factors import measure_factors, overlap, update_figures
from diagnose.weights.lora_pairs import LoraPair
from diagnose.weights.modules import ModuleMeasurement
from diagnose.weights.requests import Request, Task, answer, read_request

PREFIXES, SUFFIXES = ("scipy_", ""), ("64_", "")
"""Of OpenBLAS's functions: in numpy's wheels and in distributions, with integers of 64 and of 32 bits."""


def results(request: Request) -> Generator[Any, None, None]:
    """Yield the result for every module of a request, in order, in JSON values.

    Raises:
        DiagnoseError: a file cannot be opened, or read to its end.
    """
    work = TASKS[request.task]
    with one_thread_each(), ExitStack() as files:
        readers = [files.enter_context(closing(FactorReader(path))) for path in request.paths]
        for module in request.modules:
            yield to_builtins(work(readers, module))


def main() -> None:
    """Answer requests until there are no more. An interruption is for the parent to act on: it ends the input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(answer(results(read_request(line))))
        sys.stdout.flush()


def _statistics(readers: Sequence[FactorReader], module: Sequence[LoraPair]) -> ModuleMeasurement:
    (reader,), (pair,) = readers, module
    alpha = float(pair.rank) if pair.alpha is None else reader.number(pair.alpha)
    scale = alpha / pair.rank if isfinite(alpha) else None
    down, up, singular_values = measure_factors(reader, pair)
    return ModuleMeasurement(
        name=pair.name,
        block=pair.block,
        kind=pair.kind,
        rank=pair.rank,
        fan_in=pair.fan_in,
        fan_out=pair.fan_out,
        dtype=pair.dtype,
        scale=scale,
        down=down,
        up=up,
        **update_figures(singular_values, scale)._asdict(),
    )


@cache
def function_of_openblas(name: str) -> Any | None:  # noqa: ANN401 - what ctypes calls its functions is no type
    """Return a function by its name in OpenBLAS's own interface, None if numpy uses another BLAS."""
    # Symbols of the libraries that an extension is linked to are found through it, but on Windows.
    extension = Path(str(sys.modules["numpy.linalg._umath_linalg"].__file__))
    beside = sorted((Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*"))
    for path, prefix, suffix in product((extension, *beside), PREFIXES, SUFFIXES):
        with suppress(AttributeError):
            return getattr(ctypes.CDLL(str(path)), prefix + name + suffix)
    return None


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep BLAS to the calling thread within, and put its setting back.

    The work is spread over processes; more threads inside small matrices wait for each other, which takes ten times
    as long. Without effect on a BLAS other than OpenBLAS.
    """
    read, write = function_of_openblas("openblas_get_num_threads"), function_of_openblas("openblas_set_num_threads")
    if read is None or write is None:
        yield
        return
    before = read()
    write(1)
    try:
        yield
    finally:
        write(before)


TASKS: Mapping[Task, Callable[[Sequence[FactorReader], Sequence[LoraPair]], Any]] = {
    Task.STATISTICS: _statistics,
    Task.OVERLAP: overlap,
}
