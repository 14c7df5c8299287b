"""What goes wrong around the program: it is killed, the disk is full, memory is short, files change while they are read.

    PYTHONPATH=tests:tests/support python -m fuzz.faults --rounds 100 --seed 1 --note

Each round is a whole command in a process of its own. Exit status 0: nothing failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from fuzz import around, changing
from fuzz.noted import note
from fuzz.program import BadError, Place

FAULTS: Mapping[str, Callable[[Place, Random], str]] = {**around.FAULTS, **changing.FAULTS}
"""Each by what goes wrong; it returns what came of a round, and raises BadError for what must not."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults with this word in their name")
    parser.add_argument("--nice", type=int, default=19, help="how far behind others' work; the system's own number")
    parser.add_argument("--note", action="store_true", help="write the counts into reports/robustness.md")
    options = parser.parse_args()
    os.nice(options.nice)
    bad = 0
    for name, fault in FAULTS.items():
        if options.only in name:
            came, failed = tried(name, fault, options.rounds, options.seed)
            bad += failed
            if options.note:
                note("Faults", [(name, options.rounds, options.rounds - failed, failed)])
            print(f"{name}: {', '.join(f'{what} {count}' for what, count in sorted(came.items()))}", flush=True)
    return int(bad > 0)


def tried(name: str, fault: Callable[[Place, Random], str], rounds: int, seed: int) -> tuple[Counter[str], int]:
    """Return what came of each round, and how many failed; say what did."""
    came, failed = Counter[str](), 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            try:
                came[fault(Place.of(Path(folder)), Random(f"{name}/{seed}/{number}"))] += 1
            except BadError as error:
                failed += 1
                print(f"{name}, round {number}: {error}", flush=True)
    return came, failed


if __name__ == "__main__":
    sys.exit(main())
