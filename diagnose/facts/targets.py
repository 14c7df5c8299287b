"""The target numbers of the knowledge that facts are worked out with, as the user left or set them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.rulebase.domain import Network
from diagnose.rulebase.rule import Param


class UsualRate(Struct, frozen=True):
    """The range of learning rates in use, and the one to start from; None: the nearer end of the range."""

    least: float
    most: float
    sane: float | None = None


KINDS = ("fixed", "fitted", "ceiling", "floor", "bump")
"""Kinds of rates: of an optimizer that keeps the rate, a factor of one that finds it, and automagic's three bounds."""


class Targets(Struct, frozen=True):
    """What a motion run should come to.

    Attributes:
        ratio_range: least and greatest learning-rate ratio high/low.
        ratio_tolerance: part of a logged ratio by which runs of one config differ.
        save_every: steps between saves.
        longest: steps of the longest motion run; a forecast is judged there at the latest.
        degraded: the last step, counted over both experts, at which a good checkpoint was seen.
        learned: least part of a full update that counts as learned.
        largest_card: GB of the largest card in common use.
        usual_rates: by kind.
    """

    ratio_range: tuple[float, float]
    ratio_tolerance: float
    save_every: int
    longest: int
    degraded: int
    learned: float
    largest_card: float
    usual_rates: Mapping[str, UsualRate]

    @classmethod
    def of(cls, parameters: Mapping[str, Param]) -> Targets:
        """Return the targets that the shared parameters give."""

        def number(name: str) -> float:
            # users give a percentage, formulas take a fraction
            return float(parameters[name].value) / (100 if parameters[name].unit == "%" else 1)

        return cls(
            ratio_range=(number("lr_ratio_min"), number("lr_ratio_max")),
            ratio_tolerance=number("lr_ratio_tolerance"),
            save_every=int(number("save_every")),
            longest=int(number("steps_max")),
            degraded=int(number("steps_degraded")),
            learned=number("learned_min"),
            largest_card=number("largest_card"),
            usual_rates={
                kind: UsualRate(
                    number(f"rate_{kind}_min"),
                    number(f"rate_{kind}_max"),
                    number(f"rate_{kind}_start") if f"rate_{kind}_start" in parameters else None,
                )
                for kind in KINDS
            },
        )


class Words(Struct, frozen=True):
    """The words that tell a caption of motion from another. `own`: the user gave them."""

    words: tuple[str, ...]
    own: bool


class Yardstick(Struct, frozen=True):
    """What data sets are held against.

    Attributes:
        static_movement: the movement, in levels of 255, below which a clip stands still.
        words: those for motion.
        frame_rates: frames per second of the videos that an architecture makes, by its name.
        network: the size of what is trained; None where it is not described.
    """

    static_movement: float
    words: Words
    frame_rates: Mapping[str, float]
    network: Network | None = None


class Machine(Struct, frozen=True):
    """The memory of the machine that the run is for, in GB; None where nobody says.

    `carried`: the activations that its GPU held in an earlier run of the same config.
    """

    gpu: float | None = None
    main: float | None = None
    carried: float = 0.0
