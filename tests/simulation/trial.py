"""A simulated run read by the product, and the run of the config that the product writes for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from one_answer import answered_twice

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Severity
from diagnose.verdict.stories import Status
from simulation.kind import Kind, Simulated
from simulation.kinds import KINDS, simulate, simulate_config

NOTES = (Severity.INFO, Severity.GOOD)


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says, as far as it is counted.

    `headlined`: the names of the findings that the headline tells; `grave`: those of major findings and worse;
    `answered_twice`: the questions to which it gives two answers.
    """

    status: Status
    headline: str
    headlined: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    grave: tuple[str, ...]
    answered_twice: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        return self.status is Status.HEALTHY

    def still_has(self, causes: Iterable[str]) -> bool:
        """Whether one of the causes is more than a note."""
        return not set(causes).isdisjoint(set(self.names) - set(self.notes))


@dataclass(frozen=True, slots=True)
class Tried:
    """One simulated run, and the run of its next config (None: none was wanted, or none came)."""

    name: str
    seed: int
    said: Said
    after: Said | None

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def found(self) -> bool:
        """Whether the planted cause is among the findings."""
        return not set(self.kind.causes).isdisjoint(self.said.names)

    @property
    def first(self) -> bool:
        """Whether the first finding names the planted cause."""
        return not set(self.kind.causes).isdisjoint(self.said.names[:1])

    @property
    def headlined(self) -> bool:
        """Whether the first finding or the headline names the planted cause."""
        return self.first or not set(self.kind.causes).isdisjoint(self.said.headlined)

    @property
    def gone(self) -> bool:
        """Whether the next config has cured the planted cause."""
        return self.after is not None and not self.after.still_has(self.kind.causes)

    @property
    def healed(self) -> bool:
        """Whether the run of the next config is called healthy."""
        return self.after is not None and self.after.healthy

    @property
    def sound(self) -> bool:
        """Whether a healthy run is taken for one."""
        return self.said.healthy and not self.said.grave


def tried(job: tuple[str, int]) -> Tried:
    """Simulate a run of a kind and read it; then the run of its next config, in the same world with the next seed."""
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


def said_by(report: Report) -> Said:
    """Return what is counted of a report."""
    findings, headline = report.findings, report.verdict.headline
    told = tuple(finding.name for finding in findings if finding.title.lower() in headline.lower())
    return Said(
        status=report.verdict.status,
        headline=headline,
        headlined=told,
        names=tuple(finding.name for finding in findings),
        notes=tuple(finding.name for finding in findings if finding.severity in NOTES),
        grave=tuple(finding.name for finding in findings if finding.severity.rank <= Severity.MAJOR.rank),
        answered_twice=tuple(answered_twice(report)),
    )
