"""The threads that numpy's BLAS starts by itself. Imports numpy."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np

NAMES = (
    "scipy_openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)
"""Of OpenBLAS's functions: in numpy's wheels and in distributions, with integers of 64 and of 32 bits."""


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep BLAS to the calling thread within, and put its setting back.

    The work is spread over processes; more threads inside small matrices wait for each other, which takes ten times
    as long. Without effect on a BLAS other than OpenBLAS.
    """
    read, write = openblas_threads()
    before = read()
    write(1)
    try:
        yield
    finally:
        write(before)


def openblas_threads() -> tuple[Callable[[], int], Callable[[int], object]]:
    """Return what reads and what sets the number of OpenBLAS's threads, for which numpy has no function.

    With another BLAS they do nothing, and read 1.
    """
    # Symbols of the libraries that an extension is linked to are found through it, but on Windows.
    extension = Path(str(sys.modules["numpy.linalg._umath_linalg"].__file__))
    beside = sorted((Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*"))
    for path, name in product((extension, *beside), NAMES):
        library = ctypes.CDLL(str(path))
        if hasattr(library, name.format("set")):
            return library[name.format("get")], library[name.format("set")]
    return lambda: 1, lambda _: None
