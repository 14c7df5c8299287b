"""The rows of the report's tables."""

from __future__ import annotations

from dataclasses import dataclass


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
    best: bool = False
    """Whether its weight ratio is the largest of the saves that compare the experts."""
    keep: bool | None = None
    """Whether it is among the checkpoints to keep; None where nothing tells them apart."""
    why: str = ""
    """What decided that."""
