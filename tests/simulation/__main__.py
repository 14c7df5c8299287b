"""Write a simulated run: `python -m simulation KIND FOLDER --seed N`."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.kinds import KINDS, simulate

parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
parser.add_argument("kind", choices=sorted(KINDS))
parser.add_argument("folder", type=Path)
parser.add_argument("--seed", type=int, default=1)
given = parser.parse_args()
run = simulate(given.kind, given.folder, seed=given.seed)
print(f"{given.folder}: {run.kind.name}, seed {given.seed}; {run.kind.planted}")
