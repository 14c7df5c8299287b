"""Whether the experts' updates went on in the direction they came from. Shown to the reader; no rule judges by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.core.model import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.record import Recorder
from diagnose.weights.run_weights import Heading


@dataclass(frozen=True, slots=True)
class Direction:
    """Whether an expert went on in the direction it came from, over a few saved steps, at least three.

    `cosines` are of each change with the one before it, so two fewer than `steps`; None where rounding hides the
    change. `floor` is what rounding took off the last one, at most about.
    """

    expert: Expert
    steps: tuple[int, ...]
    cosines: tuple[float | None, ...]
    floor: float | None


def record_directions(headings: Sequence[Heading], record: Recorder) -> tuple[Direction, ...]:
    """Record `weights.direction`: the cosine of each expert's latest change with the one before."""
    for heading in headings:
        cosine = heading.cosines[-1]
        if cosine is None:
            continue
        first, middle, last = heading.steps[-3:]
        floor = "" if heading.floor is None else f"; rounding takes off at most about {heading.floor:.1g}"
        record.known(
            "weights.direction",
            cosine,
            subject=heading.expert.value,
            places=[Place(file, step=step) for file, step in zip(heading.files[-3:], heading.steps[-3:], strict=True)],
            note=f"steps {middle} to {last} against {first} to {middle}{floor}",
        )
    return tuple(Direction(each.expert, each.steps, each.cosines, each.floor) for each in headings)
