"""One thread for each process, whatever BLAS numpy has."""

import io
import signal
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from lora_files import Save, factors

from diagnose.weights import worker
from diagnose.weights.lora_pairs import lora_pairs
from diagnose.weights.requests import Request, Task, read_answer
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


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Two threads for BLAS, where it is OpenBLAS; the tests themselves have one."""
    write, before = worker.function_of_openblas("openblas_set_num_threads"), threads()
    if write is None:
        yield
        return
    write(2)
    yield
    write(before)


@pytest.mark.usefixtures("two_threads")
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


def request_for(save: Save, alpha: float | None) -> Request:
    tensors = factors(4, module="m") | ({} if alpha is None else {"m.alpha": torch.tensor(alpha)})
    file = save(tensors)
    return Request(Task.STATISTICS, (file.path,), tuple((pair,) for pair in lora_pairs(file)))


@pytest.mark.parametrize(("alpha", "scale"), [(None, 1.0), (8.0, 2.0), (float("inf"), None)])
def test_the_scale_is_alpha_over_rank_and_one_without_alpha(
    save: Save, alpha: float | None, scale: float | None
) -> None:
    (found,) = worker.results(request_for(save, alpha))
    assert found["scale"] == scale


def test_a_line_in_is_a_line_out(
    save: Save, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    request = request_for(save, None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO(2 * request.line))
    worker.main()
    first, second = capsys.readouterr().out.splitlines(keepends=True)
    assert first == second
    assert read_answer(first) == list(worker.results(request))
