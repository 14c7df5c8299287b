"""What an optimizer.pt says: frozen values, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from diagnose.domains.wan22.experts import Expert


@dataclass(frozen=True, slots=True)
class TensorRate:
    """One trained tensor: its mean live rate (automagic alone has one), and how often it was updated."""

    rate: float | None
    updates: int | None


@dataclass(frozen=True, slots=True)
class ParamGroup:
    """One parameter group: its settings as stored, None where absent, and its tensors in the optimizer's order.

    `lr` is the rate training started with where the optimizer adapts its own, as automagic does.
    """

    expert: Expert | None
    lr: float | None
    lr_bump: float | None
    min_lr: float | None
    max_lr: float | None
    tensors: tuple[TensorRate, ...]

    @property
    def rate(self) -> float | None:
        """Mean live rate over the tensors that have one, each counting once, as the trainer logs it."""
        rates = [tensor.rate for tensor in self.tensors if tensor.rate is not None]
        return fmean(rates) if rates else None

    @property
    def updates(self) -> int | None:
        """How often its most updated tensor was updated; None if no tensor says."""
        return max((tensor.updates for tensor in self.tensors if tensor.updates is not None), default=None)


@dataclass(frozen=True, slots=True)
class OptimizerReading:
    """The parameter groups in the file's order. The file holds no step: it is of the latest save."""

    file: str
    groups: tuple[ParamGroup, ...]
