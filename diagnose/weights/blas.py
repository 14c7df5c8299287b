"""What OpenBLAS, which numpy comes with, can do and numpy has no function for. Imports numpy.

With another BLAS nothing is lost but time.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from diagnose.weights.formats import Reals

PREFIXES, SUFFIXES = ("scipy_", ""), ("64_", "")
"""Of OpenBLAS's functions: in numpy's wheels and in distributions, with integers of 64 and of 32 bits."""
SUM_ERROR = 1e-6
"""Relative, of a sum in float32 over TRIAL numbers. Some kernels add one number after the other, and err by more."""
TRIAL = 2**17


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


def sum_of_columns(numbers: Reals) -> float:
    """Return sum|w| of a matrix: of each column in the numbers' own precision, of the columns in float64."""
    return float((np.ones(len(numbers), numbers.dtype) @ np.abs(numbers)).sum(dtype=np.float64))


@cache
def sum_in_float32() -> Callable[[Reals], float]:
    """Return what finds sum|w| of a float32 matrix of some TRIAL numbers, or fewer, within SUM_ERROR.

    That is BLAS's asum, a third of the work of `sum_of_columns`, where it is there and proves exact enough.
    """
    function = function_of_openblas("cblas_sasum")
    if function is None:
        return sum_of_columns
    integer = ctypes.c_int64 if function.__name__.endswith(SUFFIXES[0]) else ctypes.c_int
    function.argtypes, function.restype = (integer, ctypes.c_void_p, integer), ctypes.c_float

    def asum(numbers: Reals) -> float:
        if not numbers.flags.forc:
            return sum_of_columns(numbers)
        found: float = function(numbers.size, numbers.__array_interface__["data"][0], 1)
        return found

    trial = np.sin(np.arange(TRIAL, dtype=np.float32))
    exact = float(np.abs(trial, dtype=np.float64).sum())
    return asum if abs(asum(trial) - exact) <= SUM_ERROR * exact else sum_of_columns
