"""Work spread over threads: in order, with readers of its own, and stopped at once."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from lora_files import Save, factors

from diagnose.errors import DiagnoseError
from diagnose.weights.blas_threads import openblas_threads
from diagnose.weights.factor_reader import FactorReader
from diagnose.weights.lora_pairs import lora_pairs
from diagnose.weights.threads import over_modules


@pytest.fixture
def three_blas_threads() -> Iterator[None]:
    read, write = openblas_threads()
    before = read()
    write(3)
    if read() != 3:
        pytest.skip("numpy's BLAS is not OpenBLAS")
    yield
    write(before)


def test_results_come_in_the_order_of_the_items(save: Save) -> None:
    checkpoint = save(factors(module="m"))
    (pair,) = lora_pairs(checkpoint)

    def task(readers: Sequence[FactorReader], item: int) -> tuple[int, int]:
        time.sleep(0.001 * (item % 3))
        return item, sum(int(reader.down(pair).bits.flat[item]) for reader in readers)

    paths = [checkpoint.path, checkpoint.path]
    with closing(FactorReader(checkpoint.path)) as reader:
        down = reader.down(pair).bits.flatten()
    found = list(over_modules(task, range(20), paths=paths, workers=4))
    assert found == [(item, 2 * int(down[item])) for item in range(20)]


@pytest.mark.usefixtures("three_blas_threads")
def test_blas_has_one_thread_within_and_its_own_again_after(save: Save) -> None:
    def task(_readers: Sequence[FactorReader], _item: int) -> int:
        return openblas_threads()[0]()

    assert set(over_modules(task, range(4), paths=[save(factors()).path], workers=2)) == {1}
    assert openblas_threads()[0]() == 3


def test_closing_drops_what_has_not_begun(save: Save) -> None:
    begun: list[int] = []

    def task(_readers: Sequence[FactorReader], item: int) -> int:
        begun.append(item)
        time.sleep(0.001)
        return item

    with closing(over_modules(task, range(3000), paths=[save(factors()).path], workers=2)) as results:
        assert next(results) == 0
    assert len(begun) < 3000


def test_an_error_in_a_task_ends_the_work(save: Save) -> None:
    begun: list[int] = []

    def task(_readers: Sequence[FactorReader], item: int) -> int:
        begun.append(item)
        time.sleep(0.001)
        if item == 3:
            raise DiagnoseError("the file ends")
        return item

    with pytest.raises(DiagnoseError, match="the file ends"):
        list(over_modules(task, range(3000), paths=[save(factors()).path], workers=2))
    assert len(begun) < 3000


def test_a_file_that_cannot_be_opened_is_an_error(save: Save) -> None:
    path = save(factors()).path
    path.unlink()
    with pytest.raises(DiagnoseError, match="cannot be read"):
        list(over_modules(lambda _, item: item, [1], paths=[path], workers=2))
