"""The next run: its config or configs, and what its learning rates are expected to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Severity, size
from diagnose.facts.outlook.forecast import Forecast
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.judgement import Change, Conflict, NotEvaluated, Supposed
from diagnose.verdict.needs import Needs


class Disk(Struct, frozen=True):
    """What the saves of the next run take; of two runs, both together. A save is a pair where both experts train."""

    saves: int
    pairs: bool
    bytes_each: int
    bytes: int

    @property
    def words(self) -> str:
        """The sum in words: "22 pairs at 1.2 GB = 27 GB"."""
        return f"{self.saves} {'pairs' if self.pairs else 'files'} at {size(self.bytes_each)} = {size(self.bytes)}"


def edits(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that a file shows: of a key, and safe enough to be written for the user."""
    return tuple(c for c in changes if c.op is not ChangeOp.ADVISE and c.applicability is not Applicability.MANUAL)


def left_to_the_user(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return what no file shows: advice that no key holds, and keys to be changed by hand."""
    return tuple(c for c in changes if c.op is ChangeOp.ADVISE or c.applicability is Applicability.MANUAL)


class Reach(str, Enum):
    """Where an expected learning-rate ratio lies beside the range that is wanted."""

    UNDER = "under"
    WITHIN = "within"
    OVER = "over"


class Outlook(Struct, frozen=True):
    """What one config's learning rates are expected to come to at the end of its run; None where unknown.

    `config` says whose: "this config", or the strategy of a next one. A ratio that never changes has neither step nor
    band. `reach` is None where no ratio is wanted or known; `note` says why there is no forecast.
    """

    config: str
    step: int | None
    lr: Mapping[str, float | None]
    """The rate of each expert, by its name."""
    lr_ratio: float | None
    band: tuple[float, float] | None
    wanted_from: int | None
    """The first step shown from which on the ratio stays at or above the wanted minimum."""
    reach: Reach | None
    note: str


class ExpertConfig(Struct, frozen=True):
    """The config of a run that trains one expert alone; `changes` are all that lead from the user's config to it."""

    expert: str
    name: str | None
    """The job's name; None where the file has none to change."""
    changes: tuple[Change, ...]
    config: str
    diff: str


class Caveat(Struct, frozen=True):
    """When a remedy that is in the next config is known to be wrong; `paths` are the keys it changes."""

    rule: str
    says: str
    paths: tuple[str, ...]


class Later(Struct, frozen=True):
    """A change that is not made now, and why it waits."""

    change: Change
    why: str


class TwoRuns(Struct, frozen=True):
    """The next run as two, an expert each; the fields are those of `NextConfig`."""

    configs: tuple[ExpertConfig, ...]
    outlook: tuple[Outlook, ...]
    disk: Disk | None
    later: tuple[Later, ...] = ()
    standing: tuple[Supposed, ...] = ()


class NextConfig(Struct, frozen=True):
    """The next run. `config` is None when there is no config to edit, or when two take its place (`configs`)."""

    strategy: str
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    config: str | None
    diff: str | None
    note: str
    forecast: Forecast | None = None
    """What the learning rates will do under the next config, as `Report.forecast` says it of this one."""
    outlook: tuple[Outlook, ...] = ()
    """This config beside the next one of either strategy."""
    lr_ratio_wanted: tuple[float, float] | None = None
    """The range of the learning-rate ratio that suits the intent; None where none is known."""
    waiting: tuple[NotEvaluated, ...] = ()
    """Changes that would follow if something the user can say were known."""
    configs: tuple[ExpertConfig, ...] = ()
    """Two configs in place of one, where that was asked for: the high-noise expert's first."""
    apart: bool = False
    """Whether two runs, an expert each, are advised in place of this one and can be written (`next --split`)."""
    apart_by: tuple[str, ...] = ()
    """The rules that advise it; what the plan says already, their advice need not say again."""
    caveats: tuple[Caveat, ...] = ()
    """The known limits of the remedies that change a key."""
    later: tuple[Later, ...] = ()
    """Changes that wait: the next run changes what broke this one, and these come after it."""
    goes_on_from: int | None = None
    """The save from which the run behind the config goes on, under its own name; None where a new run is to begin."""
    disk: Disk | None = None
    """What the saves of the next run will take; None where their size or number is not known."""
    standing: tuple[Supposed, ...] = ()
    """What a pre-flight of the next config, or of either, would still find fault with; worst first."""

    needs: Needs | None = None
    """What the next run takes of disk and memory; None without a config, and for two runs."""
    advised: TwoRuns | None = None
    """The two runs that are advised in place of this one, as `next --split` writes them; None where one will do."""

    @property
    def shown(self) -> NextConfig:
        """The plan to act on: with the two runs where they are advised, else this one."""
        two = self.advised
        if two is None:
            return self
        one = replace(self, config=None, diff=None, forecast=None, advised=None)
        return replace(
            one, configs=two.configs, outlook=two.outlook, disk=two.disk, later=two.later, standing=two.standing
        )

    @property
    def written(self) -> tuple[Change, ...]:
        """The keys that change in the one next config; none where the file stays as it is."""
        return edits(self.changes) if self.diff else ()

    @property
    def alike(self) -> tuple[Change, ...]:
        """The keys that change in the next config, or in both of two to the same value."""
        if not self.configs:
            return self.written
        first, *others = [{change.path: change for change in edits(each.changes)} for each in self.configs]
        return tuple(c for path, c in first.items() if all(path in o and o[path].new == c.new for o in others))

    @property
    def expected(self) -> Outlook | None:
        """What the rates of the next config are expected to come to; None without a config to look at."""
        return next((each for each in self.outlook[1:] if each.config == self.strategy), None)

    @property
    def improves(self) -> bool:
        """Whether a rule asks for something that the config changes, more than a name for the next run."""
        apart = (change for config in self.configs for change in config.changes)
        return any(change.rules for change in (*apart, *self.written))

    @property
    def stopped_by(self) -> tuple[Supposed, ...]:
        """What would still block the next run, or make it fail."""
        return tuple(fault for fault in self.standing if fault.severity.rank <= Severity.CRITICAL.rank)
