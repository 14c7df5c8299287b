"""The run in figures: what it is, its two experts, the settings that do something else, the checklist."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from diagnose.core.model import Place, Scalar
from diagnose.verdict.datasets import DatasetSummary
from diagnose.verdict.evidence import Evidence


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
    open: bool = False
    """Whether nothing shows that the run ended: it may still be going."""
    datasets: tuple[DatasetSummary, ...] = ()
    resumes_from: int | None = None
    """The saved step from which the same config would go on; None where there is nothing to go on with."""


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
class EffectiveSetting:
    """A setting whose effect differs from what the file says, or that matters."""

    path: str
    declared: Scalar | None
    effective: Scalar | None
    why: str
    source: Place | None
