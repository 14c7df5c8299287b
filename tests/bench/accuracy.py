"""Write `reports/accuracy.md`: runs with planted faults and healthy ones, simulated and read.

Stand-alone: `python tests/bench/accuracy.py [--runs N] [--seed S] [--jobs J]`. The faults are spread over all kinds,
there are two healthy runs for every five of them, and the reference run is replicated. The simulation was
developed on seeds below 1000, which no report uses. The wall time goes to the terminal alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from simulation import FAULTS, SOUND  # noqa: E402 - the paths have to be there first
from simulation.trial import Said, Tried, tried  # noqa: E402

REPORT = ROOT / "reports" / "accuracy.md"
FIRST_SEED = 2001
REPLICAS = 10
"""Runs like the reference run, and of its config in other worlds, at the least."""
DOCUMENT, ELSEWHERE = "document", "document-elsewhere"
"""The reference run in its own world, and its config in worlds around that one."""
CONCLUSIONS = ("low-noise-overpowering", "low-noise-grows-faster")
"""What the reference run must lead to, and what a healthy one, where the ratio rises, must not."""
SHOWN = 4
"""Findings that the list of misses names."""


def jobs(runs: int, seed: int) -> list[tuple[str, int]]:
    """Return what to simulate: the faults in turn, the healthy runs, the replicas. The seeds between are the next runs'."""
    faults, sound = list(FAULTS), list(SOUND)
    wanted = [faults[index % len(faults)] for index in range(runs)]
    wanted += [sound[index % len(sound)] for index in range(round(0.4 * runs))]
    for replica in (DOCUMENT, ELSEWHERE):
        wanted += [replica] * max(0, REPLICAS - wanted.count(replica))
    return [(name, seed + 2 * index) for index, name in enumerate(wanted)]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a markdown table; the columns after the first are flush right."""
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "--:|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def counted(runs: Sequence[Tried], test: Callable[[Tried], bool]) -> str:
    """Return how many of the runs pass, and their share."""
    good = sum(map(test, runs))
    return f"{good} of {len(runs)} ({good / len(runs):.1%})" if runs else "none"


def saying(name: str) -> Callable[[Tried], bool]:
    """Return whether a run's report has a finding of this name."""
    return lambda run: name in run.said.names


def summary(runs: Sequence[Tried]) -> Iterator[Sequence[str]]:
    """Yield what was counted, what came out, and the target."""
    faulty, sound = ([run for run in runs if bool(run.kind.causes) is wanted] for wanted in (True, False))
    cured = [run for run in faulty if run.kind.cured]
    yield "planted cause among the findings", counted(faulty, lambda run: run.found), "98 %"
    yield "planted cause first", counted(faulty, lambda run: run.first), "80 %"
    yield "planted cause first, or told in the headline", counted(faulty, lambda run: run.headlined), "-"
    yield "healthy run called healthy", counted(sound, lambda run: run.said.healthy), "95 %"
    yield "healthy run without a major finding", counted(sound, lambda run: not run.said.grave), "100 %"
    yield "next config: the fault is gone", counted(cured, lambda run: run.gone), "97 %"
    healed = [run for run in cured if run.kind.heals]
    yield "next config: its run is called healthy", counted(healed, lambda run: run.healed), "90 %"
    both = [said for run in runs for said in (run.said, run.after) if said is not None]
    twice = sum(bool(said.answered_twice) for said in both)
    yield "reports that answer one question in two ways", f"{twice} of {len(both)}", "0"
    replicas, elsewhere = ([run for run in runs if run.name == name] for name in (DOCUMENT, ELSEWHERE))
    for name in CONCLUSIONS:
        yield f"the reference run: {name}", counted(replicas, saying(name)), "100 %"
        yield f"its config in other worlds: {name}", counted(elsewhere, saying(name)), "-"
        yield f"healthy run: {name}", counted(sound, saying(name)), "0 %"


def by_fault(runs: Sequence[Tried]) -> Iterator[Sequence[str]]:
    """Yield a row for each kind of fault that was tried."""
    for kind in FAULTS.values():
        own = [run for run in runs if run.name == kind.name]
        gone = f"{sum(run.gone for run in own)}" if kind.cured else "-"
        healed = f"{sum(run.healed for run in own)}" if kind.cured and kind.heals else "-"
        found, first = (f"{sum(counts)}" for counts in ([run.found for run in own], [run.first for run in own]))
        if own:
            yield f"{kind.name}: {kind.planted}", f"{len(own)}", found, first, gone, healed


def by_health(runs: Sequence[Tried]) -> Iterator[Sequence[str]]:
    """Yield a row for each healthy kind that was tried."""
    for kind in SOUND.values():
        own = [run for run in runs if run.name == kind.name]
        healthy, calm = sum(run.said.healthy for run in own), sum(not run.said.grave for run in own)
        if own:
            yield f"{kind.name}: {kind.planted}", f"{len(own)}", f"{healthy}", f"{calm}"


def misses(run: Tried) -> Iterator[str]:
    """Yield what was read otherwise than it was made, with what was said instead."""
    where, kind, after = f"- {run.name}, seed {run.seed}", run.kind, run.after
    if not kind.causes:
        if not run.sound:
            yield f"{where}: {run.said.status.value}: {short(run.said)}"
        return
    if not run.first:
        yield f"{where}: cause not {'first' if run.found else 'found'}: {short(run.said)}"
    if kind.cured and after is None:
        yield f"{where}: no next config"
    elif after is not None and not (run.gone and (run.healed or not kind.heals)):
        yield f"{where}: run of the next config: {after.status.value}: {short(after)}"


def short(said: Said) -> str:
    """Return the headline and the first findings that are more than notes."""
    names = [name for name in said.names if name not in said.notes][:SHOWN]
    return f"“{said.headline}” ({', '.join(names) or 'nothing but notes'})"


def page(runs: Sequence[Tried], command: str) -> str:
    """Return the whole report."""
    lines = [
        "# Accuracy on simulated runs",
        "",
        f"`{command}`: {len(runs)} runs, with every second seed from {runs[0].seed} to",
        f"{runs[-1].seed}. The run of a next config has the seed in between, and the same world.",
        "The optimizer and the files are real, the gradients are made up: see `tests/simulation`. The cause of a run is",
        "the fault planted in it, by name. *First*: it is the first finding of the report.",
        "*Gone*: in the run of the next config, the fault is at most a note. A dash: no config",
        "can cure it, or the trainer has no ratio to set.",
        "",
        *table(("Counted", "Result", "Target"), summary(runs)),
        "## Faults",
        "",
        *table(("Kind", "Runs", "Found", "First", "Gone", "Healthy after"), by_fault(runs)),
        "## Healthy runs",
        "",
        *table(("Kind", "Runs", "Healthy", "Without a major finding"), by_health(runs)),
        "## Misses",
        "",
        *([line for run in runs for line in misses(run)] or ["None."]),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate, read, count and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=162, help="runs with a fault")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first run")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("-o", type=Path, default=REPORT, help="where the page goes")
    given = parser.parse_args()
    begun = time.monotonic()
    with ProcessPoolExecutor(given.jobs) as pool:
        runs = list(pool.map(tried, jobs(given.runs, given.seed)))
    command = f"python tests/bench/accuracy.py --runs {given.runs} --seed {given.seed}"
    given.o.write_text(page(runs, command), encoding="utf-8")
    print(f"{given.o}: {len(runs)} runs in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
