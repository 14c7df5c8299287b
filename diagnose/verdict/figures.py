"""The figures of a run that the report tabulates: of both experts, of their rates, of every saved step."""

from __future__ import annotations

from dataclasses import dataclass


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
class CheckpointRow:
    """One saved step. Magnitude: mean absolute value over all LoRA tensors of the expert."""

    step: int | None
    final: bool
    high_magnitude: float | None
    low_magnitude: float | None
    weight_ratio: float | None
    high_update_norm: float | None
    low_update_norm: float | None
    lr_high: float | None
    lr_low: float | None
    lr_ratio: float | None
    files: tuple[str, ...]
    mark: str | None = None
    """Why the row matters, in two or three words; a marked row is always shown."""
