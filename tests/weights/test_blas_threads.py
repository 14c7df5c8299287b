"""The one setting that is changed for the time of a measurement."""

import sys

import numpy as np
import pytest

from diagnose.weights import blas_threads
from diagnose.weights.blas_threads import one_thread_each, openblas_threads


def test_one_thread_within_and_the_old_number_after_an_error() -> None:
    read, _ = openblas_threads()
    before = read()
    seen = []

    def fail() -> None:
        with one_thread_each():
            seen.append(read())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (seen, read()) == ([1], before)


def test_the_wheels_of_numpy_are_found() -> None:
    if "openblas" not in str(np.show_config(mode="dicts")).lower():
        pytest.skip("numpy's BLAS is not OpenBLAS")
    read, write = openblas_threads()
    before = read()
    write(2)
    assert read() == 2
    write(before)


def test_another_blas_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas_threads, "NAMES", ("no_such_{}_function",))
    read, write = openblas_threads()
    write(7)
    assert read() == 1
    with one_thread_each():
        assert "numpy" in sys.modules
