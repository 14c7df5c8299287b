"""How large the HTML page is, and how long it takes once the facts are there: 60 checkpoints, 10,000 rows, no previews.

    python tests/bench/bench_page.py

The limits are 500 kB and 1.5 s. The example run is stretched: its log is repeated to 10,000 rows, its saves to 60 with
the 400 LoRA modules per expert that WAN 2.2 has.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from diagnose import Settings
from diagnose.api import understand
from diagnose.core.values import Intent
from diagnose.demo.writer import write_demo
from diagnose.facts.log.series import Series
from diagnose.facts.weights.pairs import Pair
from diagnose.report.formats import render
from diagnose.sources.row_writer import rows_of
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judge import judge
from diagnose.weights.measurement import ExpertMeasurement

ROWS, SAVES, BLOCKS, KINDS = 10_000, 60, 40, 10
LARGEST, LONGEST = 500_000, 1.5
TIMES = 5


def stretched(held: Consultation) -> Consultation:
    """Return the same judgement of a longer run."""
    known, evidence = held.known, replace(held.known.evidence)
    series = known.evidence.series
    assert series is not None
    vars(evidence)["series"] = _longer(series)
    vars(evidence)["pairs"] = tuple(
        _save(known.evidence.pairs[at % len(known.evidence.pairs)], 100 * (at + 1)) for at in range(SAVES)
    )
    return replace(held, known=replace(known, evidence=evidence))


def _longer(series: Series) -> Series:
    rows = [replace(series.rows[at % len(series.rows)], step=at) for at in range(ROWS)]
    return replace(series, rows=rows_of(series.log.file, rows))


def _save(pair: Pair, step: int) -> Pair:
    return replace(pair, step=step, experts={expert: _whole(each) for expert, each in pair.experts.items()})


def _whole(measured: ExpertMeasurement) -> ExpertMeasurement:
    modules = [
        replace(
            measured.modules[kind % len(measured.modules)],
            name=f"blocks.{block}.{kind}",
            block=block,
            kind=f"kind.{kind}",
        )
        for block in range(BLOCKS)
        for kind in range(KINDS)
    ]
    return replace(measured, modules=tuple(modules))


def main() -> int:
    """Print size and seconds; 1 where a limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        held = understand(write_demo("run-v15", Path(folder) / "run-v15"), Settings(intent=Intent.MOTION))
    held = stretched(held)
    readings, seconds, size = held.known.evidence.everything, [], 0
    for _ in range(TIMES):
        start = time.perf_counter()
        report = judge(held, readings, strategy="recommended", version="0")
        judged = time.perf_counter()
        size = len(render(report, "html").encode())
        seconds.append((judged - start, time.perf_counter() - judged))
    judging, rendering = (median(each[index] for each in seconds) for index in (0, 1))
    print(f"{len(report.checkpoints)} checkpoints, {ROWS} rows: {size / 1000:.0f} kB (limit {LARGEST / 1000:.0f})")
    print(f"judging {judging:.2f} s, page {rendering:.2f} s, together {judging + rendering:.2f} s (limit {LONGEST})")
    return int(size > LARGEST or judging + rendering > LONGEST)


if __name__ == "__main__":
    sys.exit(main())
