"""What the files of one run hold, as values: the figures of its checkpoints, their course, the optimizer's state."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import Remark
from diagnose.weights.measurement import FileMeasurement

SPANS = 5
"""Into how many spans a run is cut: the last of them, a fifth, is the late window."""


class Heading(Struct, frozen=True):
    """One expert's changes between `steps`, ascending, of which there are at least three.

    Attributes:
        files: one per step.
        lengths: Frobenius norm of each change; None where a number is not finite.
        cosines: of each change with the one before it, so one fewer; None where a change is lost in rounding.
        floor: what the rounding of the saved numbers took off the last cosine, at most about.
        last_change: norm of the last change by module; None where it is not finite.
    """

    expert: str
    steps: tuple[int, ...]
    files: tuple[str, ...]
    lengths: tuple[float | None, ...]
    cosines: tuple[float | None, ...]
    floor: float | None
    last_change: Mapping[str, float | None]


class RunWeights(Struct, frozen=True):
    """What was measured; `remarks` say what could not be, beside those of the files."""

    files: tuple[FileMeasurement, ...] = ()
    headings: tuple[Heading, ...] = ()
    remarks: tuple[Remark, ...] = ()


class ParamGroup(Struct, frozen=True):
    """One parameter group: its settings as stored, None where absent, and its live rate.

    `rate` is the mean over the tensors that have one (automagic alone keeps rates), each counting once, as the trainer
    logs it; None where none has one, or where it was not asked for.
    """

    lr_bump: float | None
    min_lr: float | None
    max_lr: float | None
    rate: float | None


class OptimizerReading(Struct, frozen=True):
    """The parameter groups in the file's order, which does not say whose they are. It is of the latest save."""

    file: str
    groups: tuple[ParamGroup, ...]


def evenly(count: int, most: int) -> list[int]:
    """Return at most `most` indices of `count`, evenly spread, with the first and the last."""
    most = min(count, most)
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most)}) if most > 1 else [0][:count]
