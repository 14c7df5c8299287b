"""One thread for each process, whatever BLAS numpy has."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from diagnose.weights import worker
from diagnose.weights.worker import one_thread_each


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was found out about this numpy's BLAS is found out anew, before and after."""
    worker.function_of_openblas.cache_clear()
    yield
    worker.function_of_openblas.cache_clear()


@pytest.fixture
def another_blas(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(worker, "PREFIXES", ("no_such_",))


def threads() -> int:
    read = worker.function_of_openblas("openblas_get_num_threads")
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
    write = worker.function_of_openblas("openblas_set_num_threads")
    assert write is not None
    before = threads()
    write(2)
    assert threads() == 2
    write(before)


@pytest.mark.usefixtures("another_blas")
def test_another_blas_is_left_alone() -> None:
    assert threads() == 1
    with one_thread_each():
        assert "numpy" in sys.modules
