"""OpenBLAS's functions that numpy has no word for, and what stands in where they are not there."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from diagnose.weights import blas
from diagnose.weights.blas import one_thread_each, sum_in_float32, sum_of_columns


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was found out about this numpy's BLAS is found out anew, before and after."""
    caches = (blas.function_of_openblas, sum_in_float32)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


@pytest.fixture
def another_blas(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(blas, "PREFIXES", ("no_such_",))


def threads() -> int:
    read = blas.function_of_openblas("openblas_get_num_threads")
    return 1 if read is None else int(read())


def test_one_thread_within_and_the_old_number_after_an_error() -> None:
    before = threads()
    seen = []

    def fail() -> None:
        with one_thread_each():
            seen.append(threads())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (seen, threads()) == ([1], before)


def test_the_wheels_of_numpy_are_found() -> None:
    if "openblas" not in str(np.show_config(mode="dicts")).lower():
        pytest.skip("numpy's BLAS is not OpenBLAS")
    write = blas.function_of_openblas("openblas_set_num_threads")
    assert write is not None
    before = threads()
    write(2)
    assert threads() == 2
    write(before)
    assert blas.function_of_openblas("cblas_sasum") is not None


@pytest.mark.usefixtures("another_blas")
def test_another_blas_is_left_alone() -> None:
    assert threads() == 1
    assert sum_in_float32() is sum_of_columns
    with one_thread_each():
        assert "numpy" in sys.modules


@pytest.mark.parametrize("shape", [(1, 1), (3, 70), (64, 1792)])
@pytest.mark.parametrize("lay", [np.ascontiguousarray, np.asfortranarray, lambda matrix: matrix[:, ::2]])
def test_a_sum_however_the_matrix_lies(shape: tuple[int, int], lay: type) -> None:
    matrix = lay(np.random.default_rng(5).standard_normal(shape).astype(np.float32))
    exact = np.abs(matrix, dtype=np.float64).sum()
    for absolute_sum in (sum_in_float32(), sum_of_columns):
        assert absolute_sum(matrix) == pytest.approx(exact, rel=blas.SUM_ERROR)


@pytest.mark.usefixtures("forgetful")
def test_a_kernel_that_adds_one_number_after_the_other_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(size: int, _address: int, _step: int) -> float:
        trial = np.sin(np.arange(size, dtype=np.float32))
        return float(np.cumsum(np.abs(trial), dtype=np.float32)[-1])

    monkeypatch.setattr(blas, "function_of_openblas", lambda _: one_by_one)
    assert sum_in_float32() is sum_of_columns
