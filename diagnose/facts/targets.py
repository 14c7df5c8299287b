"""The target numbers of the knowledge that facts are worked out with, as the user left or set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnose.rulebase.rule import Param


@dataclass(frozen=True, slots=True)
class Targets:
    """What a motion run should come to.

    Attributes:
        ratio_range: least and greatest learning-rate ratio high/low.
        ratio_tolerance: part of a logged ratio by which runs of one config differ.
        longest: steps of the longest motion run; a forecast is judged there at the latest.
        degraded: the last step, counted over both experts, at which a good checkpoint was seen.
        learned: least part of a full update that counts as learned.
    """

    ratio_range: tuple[float, float]
    ratio_tolerance: float
    longest: int
    degraded: int
    learned: float

    @classmethod
    def of(cls, parameters: Mapping[str, Param]) -> Targets:
        """Return the targets that the shared parameters give."""
        names = ("lr_ratio_min", "lr_ratio_max", "lr_ratio_tolerance", "steps_max", "steps_degraded", "learned_min")
        least, greatest, tolerance, longest, degraded, learned = (float(parameters[name].value) for name in names)
        return cls((least, greatest), tolerance / 100, int(longest), int(degraded), learned / 100)
