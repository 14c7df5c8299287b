"""Spread modules over threads: one reader per thread and file, BLAS to one thread each, nothing left behind.

Numpy releases the interpreter lock in every kernel, so threads use all cores. Imports numpy with
`diagnose.weights.formats`: import it where numbers are needed, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from diagnose.weights.blas_threads import one_thread_each
from diagnose.weights.factor_reader import FactorReader

Item = TypeVar("Item")
Result = TypeVar("Result")


def over_modules(
    task: Callable[[Sequence[FactorReader], Item], Result],
    items: Sequence[Item],
    *,
    paths: Sequence[Path],
    workers: int,
) -> Generator[Result, None, None]:
    """Yield task(readers, item) for every item in order, while the threads work ahead.

    Args:
        task: called in a thread, with one reader per path that no other call uses meanwhile.
        items: what to work on.
        paths: the files to read from.
        workers: threads.

    Closing the generator, or an exception in a task, drops what has not begun and waits for what has.

    Raises:
        DiagnoseError: a file cannot be opened; also whatever `task` raises.
    """
    with one_thread_each(), ExitStack() as files, ThreadPoolExecutor(workers) as threads:
        idle = [[files.enter_context(closing(FactorReader(path))) for path in paths] for _ in range(workers)]

        def with_readers(item: Item) -> Result:
            readers = idle.pop()
            try:
                return task(readers, item)
            finally:
                idle.append(readers)

        try:
            yield from threads.map(with_readers, items)
        finally:
            threads.shutdown(cancel_futures=True)
