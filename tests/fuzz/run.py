"""Fuzz the formats that the program reads.

    PYTHONPATH=tests:tests/support python -m fuzz.run config console --count 100000 --seed 1 --note

Stops at no fault: each kind is printed once, its input kept under --keep. `--note` writes the counts into
reports/robustness.md. Exit status 0: nothing failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from fuzz.driver import Outcome, run
from fuzz.noted import note

FORMATS = (
    "config", "metrics_log", "loss_db", "console", "pasted", "alpha_state", "optimizer", "project_file", "rule_pack", "checkpoint",
    "media", "run_folder",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", default=FORMATS, help=f"of {', '.join(FORMATS)}")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that fail")
    parser.add_argument("--nice", type=int, default=19, help="how far behind others' work; the system's own number")
    parser.add_argument("--note", action="store_true", help="write the counts into reports/robustness.md")
    options = parser.parse_args()
    os.nice(options.nice)
    failed = 0
    for name in options.formats:
        begin = time.monotonic()
        outcome = run(name, seed=options.seed, count=options.count, first=options.first, keep=options.keep)
        show(name, options.seed, outcome, time.monotonic() - begin)
        failed += len(outcome.failures)
        if options.note:
            counts = (outcome.tally[each] for each in ("inputs", "read", "refused", "facts worked out"))
            judged = outcome.tally["judged"] + outcome.tally["judged: refused"]
            row = (name, options.seed, *counts, judged, outcome.tally["judged twice"], len(outcome.failures))
            note("Inputs", [row])
    return int(failed > 0)


def show(name: str, seed: int, outcome: Outcome, seconds: float) -> None:
    """Print what was done and each kind of fault."""
    counts = ", ".join(f"{what} {count:,}" for what, count in sorted(outcome.tally.items()))
    print(f"\n{name}: {counts}; {len(outcome.failures)} failed; seed {seed}, {seconds:.0f} s")
    kinds = {failure.kind: failure for failure in reversed(outcome.failures)}
    for kind, failure in kinds.items():
        number = sum(each.kind == kind for each in outcome.failures)
        print(f"--- {number} times, first input {failure.number}: {kind}\n{failure.text[-1500:]}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
