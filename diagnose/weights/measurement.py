"""What the files of a run hold, as values: figures pooled by expert, the course of its checkpoints, its optimizer.

Nothing here reads a file or knows numpy. A figure is None where the numbers do not allow it; every pooled figure
is derived from the modules, so there is one truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import hypot, sqrt

from msgspec import Struct

from diagnose.core.values import Remark
from diagnose.sources.finite import finite
from diagnose.weights.modules import Entries, FactorFigures, ModuleMeasurement, known, middle, pooled

SPANS = 5
"""Into how many spans a run is cut: the last of them, a fifth, is the late window."""
SLACK = 0.1
"""Of the mean square of a random start: rounding, and the few modules of a small network."""


class ExpertMeasurement(FactorFigures, frozen=True, dict=True):
    """All modules of one expert in one file, at least one, in the file's order; `expert` None if nothing tells it."""

    modules: tuple[ModuleMeasurement, ...]
    expert: str | None = None

    @cached_property
    def factors(self) -> tuple[Entries, Entries]:
        """The entries of (all down factors, all up factors), added up once: ten figures are drawn from them."""
        return (pooled(module.down for module in self.modules), pooled(module.up for module in self.modules))

    @property
    def start_rms(self) -> float:
        """Root mean square of the down factors where training starts them at random: 1/sqrt(3 fan_in)."""
        down = self.factors[0]
        return sqrt(sum(module.down.count / (3 * module.fan_in) for module in self.modules) / down.count)

    @property
    def shrunk(self) -> bool:
        """Whether the down factors are smaller than that start, which training only widens.

        So are factors that a converter scaled, and rows of zeros that a larger rank added on a resume.
        """
        rms = self.factors[0].rms
        return rms is not None and (rms / self.start_rms) ** 2 < 1 - SLACK

    @property
    def untrained_magnitude(self) -> float | None:
        """The magnitude these very shapes have before training; None where these factors began another way."""
        return None if self.shrunk else sum(module.untrained_sum for module in self.modules) / self.entries.count

    @property
    def learned_magnitude(self) -> float | None:
        """What training added to the magnitude."""
        magnitude, untrained = self.magnitude, self.untrained_magnitude
        return None if magnitude is None or untrained is None else magnitude - untrained

    @property
    def learned_share(self) -> float | None:
        """The update's norm over that of one whose up factors are as large as the random start of the down factors.

        0 for a LoRA that adds nothing, about 1 for a well trained one, whatever the shapes and however the two factors
        share the update out. The other norm: outputs * rank numbers, each a sum over the inputs of products of mean
        square (1 / (3 inputs))^2, so scale * sqrt(outputs * rank / inputs) / 3.
        """
        norm = self.update_norm
        whole = hypot(*((each.scale or 0) * sqrt(each.fan_out * each.rank / each.fan_in) / 3 for each in self.modules))
        return None if norm is None or not whole else norm / whole

    @property
    def update_norm(self) -> float | None:
        """Frobenius norm of all updates together: the root of the sum of squares."""
        norms = known(module.update_norm for module in self.modules)
        return None if norms is None else finite(hypot(*norms))

    @property
    def spectral_norm(self) -> float | None:
        """Largest singular value in any module."""
        norms = known(module.spectral_norm for module in self.modules)
        return None if norms is None else max(norms)

    @property
    def stable_rank(self) -> float | None:
        """Median over the modules that have one."""
        return middle(module.stable_rank for module in self.modules)

    @property
    def effective_rank(self) -> float | None:
        """Median over the modules that have one."""
        return middle(module.effective_rank for module in self.modules)

    @property
    def spectral_gap(self) -> float | None:
        """Largest over the modules that have one: the highest rank-1 spike."""
        return max((module.spectral_gap for module in self.modules if module.spectral_gap is not None), default=None)

    @property
    def rank_one_modules(self) -> tuple[str, ...]:
        """Names of the modules whose update is a single direction, a spike without end."""
        return tuple(module.name for module in self.modules if module.rank_one)

    @property
    def dead_modules(self) -> tuple[str, ...]:
        """Names of the modules that add nothing."""
        return tuple(module.name for module in self.modules if module.dead)

    @property
    def ranks(self) -> tuple[int, ...]:
        """The distinct ranks, ascending."""
        return tuple(sorted({module.rank for module in self.modules}))

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The distinct dtypes, in alphabetical order."""
        return tuple(sorted({module.dtype for module in self.modules}))


class FileMeasurement(Struct, frozen=True):
    """One checkpoint file, measured.

    `seconds` is what this reading cost now. A file that cannot be measured has no experts, and a remark that says why.
    """

    file: str
    step: int | None
    experts: tuple[ExpertMeasurement, ...]
    seconds: float
    cached: bool
    remarks: tuple[Remark, ...] = ()


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
