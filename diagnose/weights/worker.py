"""Work on requests: in a child process, a line in and a line out (see `requests`), or where little is to be done.

Reads modules, of one checkpoint or of two side by side, and puts their figures together. Imports numpy with
`diagnose.weights.formats`, and little else: a child is ready in a fraction of a second.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from math import isfinite
from typing import Any

from diagnose.weights.blas import one_thread_each
from diagnose.weights.factor_reader import FactorReader
from diagnose.weights.factors import measure_factors, overlap
from diagnose.weights.lora_pairs import LoraPair
from diagnose.weights.measurement import ModuleMeasurement
from diagnose.weights.measurement_json import module_to_json
from diagnose.weights.requests import Request, Task, answer, read_request
from diagnose.weights.update import update_figures


def results(request: Request) -> Generator[Any, None, None]:
    """Yield the result for every module of a request, in order, in JSON values.

    Raises:
        DiagnoseError: a file cannot be opened, or read to its end.
    """
    work = TASKS[request.task]
    with one_thread_each(), ExitStack() as files:
        readers = [files.enter_context(closing(FactorReader(path))) for path in request.paths]
        for module in request.modules:
            yield work(readers, module)


def main() -> None:
    """Answer requests until there are no more. An interruption is for the parent to act on: it ends the input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(answer(results(read_request(line))))
        sys.stdout.flush()


def _statistics(readers: Sequence[FactorReader], module: Sequence[LoraPair]) -> dict[str, Any]:
    (reader,), (pair,) = readers, module
    alpha = float(pair.rank) if pair.alpha is None else reader.number(pair.alpha)
    scale = alpha / pair.rank if isfinite(alpha) else None
    down, up, singular_values = measure_factors(reader, pair)
    update = update_figures(singular_values, scale)
    measured = ModuleMeasurement(
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
        update_norm=update.norm,
        spectral_norm=update.spectral_norm,
        stable_rank=update.stable_rank,
        effective_rank=update.effective_rank,
        spectral_gap=update.spectral_gap,
    )
    return module_to_json(measured)


TASKS: Mapping[Task, Callable[[Sequence[FactorReader], Sequence[LoraPair]], Any]] = {
    Task.STATISTICS: _statistics,
    Task.OVERLAP: overlap,
}
