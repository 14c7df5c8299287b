"""Write `reports/accuracy.md`: runs with planted faults and healthy ones, simulated and read.

Stand-alone: `python tests/bench/accuracy.py [--runs N] [--seed S] [--jobs J]`. The faults are spread over all kinds,
two healthy runs stand beside every five of them, and the document's own run is replicated. Seeds are those of the
report; the product and the simulation were developed on seeds below 1000. The wall time goes to the terminal alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation import FAULTS, KINDS, SOUND, simulate, simulate_config  # noqa: E402
from simulation.kind import Kind, Simulated  # noqa: E402

from diagnose import Report, Settings, postmortem  # noqa: E402
from diagnose.model import Severity  # noqa: E402
from diagnose.verdict.report import Status  # noqa: E402

REPORT = ROOT / "reports" / "accuracy.md"
FIRST_SEED = 2001
"""Seeds below 1000 are for development."""
REPLICAS = 10
DOCUMENT = "document"
DOCUMENTS_WORDS = ("low-noise-overpowering", "low-noise-grows-faster")
NOTES = (Severity.INFO, Severity.GOOD)


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says, as far as it is counted.

    `story`: the names that the first finding and the headline tell; `grave`: those of major findings and worse.
    """

    status: str
    headline: str
    story: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    grave: tuple[str, ...]

    def has(self, causes: Iterable[str]) -> bool:
        return not set(causes).isdisjoint(self.names)

    def leads_with(self, causes: Iterable[str]) -> bool:
        return not set(causes).isdisjoint(self.story)

    def still_has(self, causes: Iterable[str]) -> bool:
        """Whether one of the causes is more than a note."""
        return not set(causes).isdisjoint(set(self.names) - set(self.notes))


@dataclass(frozen=True, slots=True)
class Tried:
    """One simulated run, and the run of its next config (None: none was wanted, or none came)."""

    kind: str
    seed: int
    said: Said
    after: Said | None


def said_by(report: Report) -> Said:
    """Return what is counted of a report."""
    findings = report.findings
    headline = report.verdict.headline
    told = [finding.name for finding in findings if headline.startswith(finding.title)]
    return Said(
        status=report.verdict.status.value,
        headline=headline,
        story=tuple(dict.fromkeys([*(finding.name for finding in findings[:1]), *told])),
        names=tuple(finding.name for finding in findings),
        notes=tuple(finding.name for finding in findings if finding.severity in NOTES),
        grave=tuple(f.name for f in findings if f.severity.rank <= Severity.MAJOR.rank),
    )


def tried(job: tuple[str, int]) -> Tried:
    """Simulate a run and read it; then the run of its next config, in the same world with the next seed."""
    name, seed = job
    kind = KINDS[name]
    settings = Settings(intent=kind.intent)
    with TemporaryDirectory() as folder:
        run = simulate(name, Path(folder) / "run", seed=seed)
        report = postmortem(run.folder, settings)
        after = _after(report, run, Path(folder) / "next", settings, seed) if kind.causes and kind.cured else None
    return Tried(name, seed, said_by(report), after)


def _after(report: Report, run: Simulated, folder: Path, settings: Settings, seed: int) -> Said | None:
    config = report.next.config
    if config is None:
        return None
    simulate_config(config, folder, seed=seed + 1, trainer=run.kind.trainer, world=run.world)
    return said_by(postmortem(folder, settings))


def jobs(runs: int, seed: int) -> list[tuple[str, int]]:
    """Return what to simulate: the faults kind by kind in turn, the healthy runs, the replicas. No seed comes twice."""
    faults, sound = list(FAULTS), list(SOUND)
    wanted = [faults[index % len(faults)] for index in range(runs)]
    wanted += [sound[index % len(sound)] for index in range(round(0.4 * runs))]
    wanted += [DOCUMENT] * max(0, REPLICAS - wanted.count(DOCUMENT))
    return [(name, seed + 2 * index) for index, name in enumerate(wanted)]


def share(good: int, count: int) -> str:
    return f"{good} of {count} ({good / count:.1%})" if count else "none"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a markdown table; the columns after the first are flush right."""
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "--:|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def summary(all_tried: Sequence[Tried]) -> Iterator[Sequence[str]]:
    """Yield what was counted, what came out, and what is wanted."""
    faulty = [each for each in all_tried if KINDS[each.kind].causes]
    sound = [each for each in all_tried if not KINDS[each.kind].causes]
    cured = [each for each in faulty if KINDS[each.kind].cured]
    healed = [each for each in cured if KINDS[each.kind].heals]
    replicas = [each for each in all_tried if each.kind == DOCUMENT]
    yield "planted cause among the findings", share(sum(map(_found, faulty)), len(faulty)), "98 %"
    yield "planted cause first", share(sum(map(_first, faulty)), len(faulty)), "80 %"
    yield (
        "healthy run called healthy",
        share(sum(each.said.status == Status.HEALTHY.value for each in sound), len(sound)),
        "95 %",
    )
    yield "healthy run without a major finding", share(sum(not each.said.grave for each in sound), len(sound)), "100 %"
    yield "next config: the fault is gone", share(sum(map(_gone, cured)), len(cured)), "97 %"
    yield "next config: its run is called healthy", share(sum(map(_healed, healed)), len(healed)), "90 %"
    for word in DOCUMENTS_WORDS:
        yield (
            f"the document's run: {word}",
            share(sum(word in each.said.names for each in replicas), len(replicas)),
            "100 %",
        )
        yield (
            f"healthy runs, where the ratio rises: {word}",
            share(sum(word in each.said.names for each in sound), len(sound)),
            "0 %",
        )


def _found(each: Tried) -> bool:
    return each.said.has(KINDS[each.kind].causes)


def _first(each: Tried) -> bool:
    return each.said.leads_with(KINDS[each.kind].causes)


def _gone(each: Tried) -> bool:
    return each.after is not None and not each.after.still_has(KINDS[each.kind].causes)


def _healed(each: Tried) -> bool:
    return each.after is not None and each.after.status == Status.HEALTHY.value


def by_kind(all_tried: Sequence[Tried], kinds: Iterable[Kind]) -> Iterator[Sequence[str]]:
    """Yield a row for each kind that was tried."""
    for kind in kinds:
        own = [each for each in all_tried if each.kind == kind.name]
        if not own:
            continue
        count = len(own)
        gone = f"{sum(map(_gone, own))}" if kind.cured else "-"
        healed = f"{sum(map(_healed, own))}" if kind.cured and kind.heals else "-"
        name = f"{kind.name}: {kind.planted}"
        yield name, f"{count}", f"{sum(map(_found, own))}", f"{sum(map(_first, own))}", gone, healed


def misses(all_tried: Sequence[Tried]) -> Iterator[str]:
    """Yield every run that was read otherwise than it was made, with what was said instead."""
    for each in all_tried:
        kind, said, after = KINDS[each.kind], each.said, each.after
        where = f"- {each.kind}, seed {each.seed}"
        if not kind.causes:
            if said.status != Status.HEALTHY.value or said.grave:
                yield f"{where}: {said.status}: {_short(said)}"
            continue
        if not _found(each):
            yield f"{where}: cause not found: {_short(said)}"
        elif not _first(each):
            yield f"{where}: cause not first: {_short(said)}"
        if kind.cured and after is None:
            yield f"{where}: no next config"
        elif kind.cured and after is not None and not (_gone(each) and (_healed(each) or not kind.heals)):
            yield f"{where}: run of the next config: {after.status}: {_short(after)}"


def _short(said: Said) -> str:
    real = [name for name in said.names if name not in said.notes][:4]
    return f"“{said.headline}” ({', '.join(real) or 'nothing but notes'})"


def report_text(all_tried: Sequence[Tried], runs: int, seed: int) -> str:
    """Return the whole page."""
    sound = [kind for kind in KINDS.values() if not kind.causes]
    faulty = [kind for kind in KINDS.values() if kind.causes]
    healthy_rows = (
        (
            f"{kind.name}: {kind.planted}",
            f"{len(own)}",
            f"{sum(e.said.status == Status.HEALTHY.value for e in own)}",
            f"{sum(not e.said.grave for e in own)}",
        )
        for kind in sound
        if (own := [each for each in all_tried if each.kind == kind.name])
    )
    missed = list(misses(all_tried))
    lines = [
        "# Accuracy on simulated runs",
        "",
        f"`python tests/bench/accuracy.py --runs {runs} --seed {seed}`: {len(all_tried)} runs. The first has the seed {seed},",
        f"each further one two more, to {max(each.seed for each in all_tried)}; the run of a next config has the seed in between.",
        "The optimizer and the files are real, the gradients are made up: see `tests/simulation`. The cause of a run is",
        "what was planted in it, by name. *First* means: the first finding, or the one the headline tells.",
        "*Gone* means: none of the cause's names is more than a note in the run of the next config.",
        "",
        *table(("Counted", "Result", "Wanted"), summary(all_tried)),
        "## Faults",
        "",
        *table(("Kind", "Runs", "Found", "First", "Gone", "Healthy after"), by_kind(all_tried, faulty)),
        "## Healthy runs",
        "",
        *table(("Kind", "Runs", "Healthy", "Without a major finding"), healthy_rows),
        "## Misses",
        "",
        *(missed or ["None."]),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate, read, count and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=165, help="runs with a fault")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("-o", type=Path, default=REPORT)
    given = parser.parse_args()
    begun = time.monotonic()
    with ProcessPoolExecutor(given.jobs) as pool:
        all_tried = list(pool.map(tried, jobs(given.runs, given.seed)))
    given.o.write_text(report_text(all_tried, given.runs, given.seed), encoding="utf-8")
    print(f"{given.o}: {len(all_tried)} runs in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
