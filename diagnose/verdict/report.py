"""The report: what the verdict hands to every view. JSON is this value, key by key (see `report/json.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from diagnose.facts.evolution import Evolution
from diagnose.facts.forecast import Forecast
from diagnose.model import Confidence, Expert, Place, Remark, Scalar, Severity
from diagnose.rulebase.plan import PlanItem
from diagnose.rulebase.rule import Applicability, ChangeOp, Param
from diagnose.verdict.datasets import DatasetSummary
from diagnose.verdict.evidence import ChainLink, Citation, Evidence, RivalTest, WeighedRival
from diagnose.verdict.rows import CheckpointRow

SCHEMA = "diagnose/report/1"


class Status(str, Enum):
    """The verdict in one word."""

    HEALTHY = "healthy"
    ATTENTION = "attention"
    FAILING = "failing"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Tool:
    """What produced the report. `rulebase` is the sha256 over rules and knowledge."""

    version: str
    rulebase: str
    engine: str
    engine_note: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The run as a whole; None where it is not known. Durations in seconds."""

    name: str
    path: str
    trainer: str | None
    trainer_evidence: tuple[Evidence, ...]
    intent: str | None
    intent_evidence: tuple[str, ...]
    steps_configured: int | None
    steps_trained: int | None
    finished: bool | None
    ended: str
    """How it ended, in a few words: "finished", "interrupted at step 3069", ..."""
    files: tuple[str, ...]
    validity: tuple[str, ...]
    """Why thresholds of the source document do or do not apply to this run, one sentence each."""
    datasets: tuple[DatasetSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Status and one sentence."""

    status: Status
    headline: str


@dataclass(frozen=True, slots=True)
class ExpertFigures:
    """One expert in figures; None where unknown. `window` says over which steps loss and stability were taken."""

    lr_first: float | None
    lr_last: float | None
    loss_mean: float | None
    loss_std: float | None
    batches: int | None
    gradient_stability: float | None
    window: str | None
    batches_total: int | None
    magnitude: float | None
    untrained_magnitude: float | None
    update_norm: float | None
    growth: float | None
    """Growth of the magnitude over the late window, as a fraction."""
    growth_window: str | None


@dataclass(frozen=True, slots=True)
class LrRatio:
    """High over low. Declared: of the bumps or rates as written; effective: as the trainer takes them."""

    declared: float | None
    effective: float | None
    observed_last: float | None
    observed_median: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """One key of the next config. `old` and `new` are None for a key that is absent before or after."""

    path: str
    op: ChangeOp
    old: Scalar | None
    new: Scalar | None
    because: str
    claims: tuple[str, ...]
    applicability: Applicability
    rules: tuple[str, ...]
    """The rules that ask for it: one owner per key, or several of one mind."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules want one key differently: neither is applied, the reader decides."""

    path: str
    wishes: tuple[tuple[str, str], ...]
    """(rule name, what it wants)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fired rule, worded.

    `capped` says why the severity is lower than the rule's, `lowered` why the confidence is, if they are.
    """

    name: str
    rule: str
    subject: str
    severity: Severity
    confidence: Confidence
    title: str
    message: str
    why: str
    claims: tuple[Citation, ...]
    params: tuple[Param, ...]
    evidence: tuple[Evidence, ...]
    chain: tuple[ChainLink, ...]
    explains: tuple[str, ...]
    """Names of findings that this one explains (they rank below it)."""
    known_problems: tuple[str, ...]
    changes: tuple[Change, ...]
    capped: str | None = None
    lowered: str | None = None
    rivals: tuple[WeighedRival, ...] = ()
    """What else could explain it, in the order of the knowledge."""
    cheapest_test: RivalTest | None = None
    """The cheapest test among those of the rivals that are left; None where none is."""


class ChecklistStatus(str, Enum):
    """The state of one pre-flight item."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    DIFFERS = "differs"
    """Not as in the document, and no fault by itself."""
    OPEN = "open"
    """Only the user can tell, or something is missing."""
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of the document's pre-flight checklist: why it stands as it does, and the findings behind it."""

    claim: str
    section: str
    says: str
    status: ChecklistStatus
    because: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that was evaluated and stayed silent."""

    name: str
    rule: str
    title: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Supposed:
    """A finding there would be if a supposition held."""

    name: str
    rule: str
    severity: Severity
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Supposition:
    """What would be found besides, were the LoRA to learn one of these; worst first."""

    intents: tuple[str, ...]
    findings: tuple[Supposed, ...]


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule that could not be judged, or whose thresholds do not reach this run (`reason`)."""

    name: str
    rule: str
    title: str
    needs: tuple[str, ...]
    """What to provide, in words."""
    facts: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """A setting whose effect differs from what the file says, or that matters."""

    path: str
    declared: Scalar | None
    effective: Scalar | None
    why: str
    source: Place | None


class Reach(str, Enum):
    """Where an expected learning-rate ratio lies beside the range that is wanted."""

    UNDER = "under"
    WITHIN = "within"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one config's learning rates are expected to come to at the end of its run; None where unknown.

    `config` says whose: "this config", or the strategy of a next one. A ratio that never changes has neither step nor
    band. `reach` is None where no ratio is wanted or known; `note` says why there is no forecast.
    """

    config: str
    step: int | None
    lr_high: float | None
    lr_low: float | None
    lr_ratio: float | None
    band: tuple[float, float] | None
    wanted_from: int | None
    """The first step shown from which on the ratio stays at or above the wanted minimum."""
    reach: Reach | None
    note: str


@dataclass(frozen=True, slots=True)
class ExpertConfig:
    """The config of a run that trains one expert alone; `changes` are all that lead from the user's config to it."""

    expert: Expert
    name: str | None
    """The job's name; None where the file has none to change."""
    changes: tuple[Change, ...]
    config: str
    diff: str


@dataclass(frozen=True, slots=True)
class NextConfig:
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
    """The range of the learning-rate ratio that the intent wants; None where none is known."""
    waiting: tuple[NotEvaluated, ...] = ()
    """Changes that would follow if something the user can say were known."""
    configs: tuple[ExpertConfig, ...] = ()
    """Two configs in place of one, where that was asked for: the high-noise expert's first."""


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One firing in the order of inference: rule, subject, what it bound, what had to be absent."""

    stage: str
    rule: str
    name: str
    subject: str
    bound: tuple[tuple[str, str, str, Scalar | None], ...]
    """(alias, fact, subject, value)."""
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the tool has to say about one run."""

    tool: Tool
    run: RunSummary
    verdict: Verdict
    experts: tuple[tuple[Expert, ExpertFigures], ...]
    lr_ratio: LrRatio
    checkpoints: tuple[CheckpointRow, ...]
    findings: tuple[Finding, ...]
    passed: tuple[Passed, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    effective: tuple[EffectiveSetting, ...]
    forecast: Forecast | None
    next: NextConfig
    parameters: tuple[Param, ...]
    """The thresholds this report used, overridden ones first."""
    unread: tuple[Remark, ...]
    """What could not be read or had to be repaired."""
    trace: tuple[TraceStep, ...]
    checklist: tuple[ChecklistItem, ...] = ()
    """The pre-flight checklist; empty for a run that has been started."""
    evolution: Evolution | None = None
    """What became of the weights; None before a run."""
    plan: tuple[PlanItem, ...] = ()
    """What to watch while the next run trains; empty where the intent is not motion."""
    suppositions: tuple[Supposition, ...] = ()
    """What hangs on the intent; empty where it is known."""
