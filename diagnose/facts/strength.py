"""What the checkpoints show: how strong each expert is, how it grew, and what the number of checkpoints allows to say.

*Weight magnitude* is the source document's measure: the mean absolute value over all LoRA tensors of one expert. It
contains the random initialisation of the down matrices, so the reading of an untrained LoRA stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.facts.record import Recorder
from diagnose.facts.trend import scatter, theil_sen
from diagnose.model import Expert, Place
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement

MODEL_WIDTHS = frozenset({5120, 13824})
"""Layer widths of WAN 2.2 A14B: the document's thresholds were read on these. The reading at initialisation is
0.5/sqrt(width), so a narrower network reads higher without having learned anything."""
LATE_SHARE = 0.2
"""The late window is the last fifth of the run: the document compared steps 2400 and 3000 of 3000."""
LATE_POINTS = 5
EQUAL_ERRORS = 2.0
"""Standard errors by which two checkpoints may differ and still count as equal."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One saved step: what was measured of each expert, and where."""

    step: int
    final: bool
    experts: dict[Expert, ExpertMeasurement]
    files: tuple[str, ...]

    def place(self, expert: Expert | None = None) -> Place:
        """Return the file of an expert, or the first file."""
        named = [file for file in self.files if expert is not None and f"_{expert.value}_noise" in file]
        return Place((named or list(self.files))[0], step=self.step)

    @property
    def ratio(self) -> float | None:
        """Weight ratio high/low, None unless both were measured."""
        high, low = (self.magnitude(expert) for expert in Expert)
        return high / low if high is not None and low else None

    def magnitude(self, expert: Expert) -> float | None:
        """Return the expert's weight magnitude, None where it was not measured."""
        return self.experts[expert].magnitude if expert in self.experts else None


def pair_up(files: Sequence[FileMeasurement], finals: frozenset[str], last_step: int | None) -> tuple[Pair, ...]:
    """Group measurements by step, in order. A final file without a step in its metadata takes `last_step`."""
    grouped: dict[tuple[int, bool], tuple[dict[Expert, ExpertMeasurement], list[str]]] = {}
    for file in files:
        final = file.file in finals
        step = file.step if file.step is not None else last_step
        if step is None:
            continue
        experts, names = grouped.setdefault((step, final), ({}, []))
        experts.update({m.expert: m for m in file.experts if m.expert is not None})
        names.append(file.file)
    return tuple(
        Pair(step, final, experts, tuple(names))
        for (step, final), (experts, names) in sorted(grouped.items(), key=lambda item: item[0])
        if experts
    )


def late_window(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the pairs of the last fifth of the run, at least LATE_POINTS of them where there are that many."""
    if not pairs:
        return ()
    start = pairs[-1].step * (1 - LATE_SHARE)
    late = [pair for pair in pairs if pair.step >= start]
    return tuple(pairs[-max(len(late), LATE_POINTS) :])


def record_strength(pairs: Sequence[Pair], record: Recorder) -> None:
    """Record the facts `weights.*` of checkpoints that could be measured."""
    if not pairs:
        return
    _record_network(pairs, record)
    for expert in Expert:
        own = [pair for pair in pairs if expert in pair.experts]
        record.known("weights.present", bool(own), subject=expert.value, places=[pairs[-1].place()])
        if own:
            _record_expert(expert, own, record)
    last = pairs[-1]
    broken = sum(measured.non_finite for measured in last.experts.values())
    record.known("weights.non_finite_total", broken, places=[last.place()])
    both = [pair for pair in pairs if pair.ratio is not None]
    record.known("weights.checkpoints", len(both), places=[pairs[-1].place()])
    if both:
        _record_ratio(both, record)


def _record_network(pairs: Sequence[Pair], record: Recorder) -> None:
    modules = [module for m in pairs[-1].experts.values() for module in m.modules]
    widths = {width for module in modules for width in (module.fan_in, module.fan_out)}
    place = [pairs[-1].place()]
    record.known("weights.widths", ", ".join(str(width) for width in sorted(widths)), places=place)
    record.known(
        "weights.comparable",
        bool(widths) and widths <= MODEL_WIDTHS,
        places=place,
        note="the thresholds were read on layers 5120 and 13824 wide",
    )


def _record_expert(expert: Expert, own: Sequence[Pair], record: Recorder) -> None:
    last = own[-1]
    measured = last.experts[expert]
    subject, place = expert.value, [last.place(expert)]
    record.known("weights.non_finite", measured.non_finite, subject=subject, places=place)
    record.known("weights.trained", len(measured.dead_modules) < len(measured.modules), subject=subject, places=place)
    for name, value in (
        ("magnitude", measured.magnitude),
        ("untrained", measured.untrained_magnitude),
        ("update_norm", measured.update_norm),
    ):
        if value is not None:
            record.known(f"weights.{name}", value, subject=subject, places=place)
    readings = [(magnitude, pair) for pair in own if (magnitude := pair.magnitude(expert)) is not None]
    if readings:
        peak, pair = max(readings, key=lambda item: item[0])
        record.known("weights.magnitude_peak", peak, subject=subject, places=[pair.place(expert)])


def _record_ratio(both: Sequence[Pair], record: Recorder) -> None:
    last = both[-1]
    ratios = [(pair.ratio, pair) for pair in both if pair.ratio is not None]
    best, best_pair = max(ratios, key=lambda item: item[0])
    record.known("weights.ratio", ratios[-1][0], places=[last.place(e) for e in Expert])
    record.known("weights.ratio_best", best, places=[best_pair.place(e) for e in Expert])
    record.known("weights.ratio_best_step", best_pair.step, places=[best_pair.place()])
    _record_equals(ratios, record)
    late = late_window(both)
    if len(late) < 2 or late[0].step == late[-1].step:  # noqa: PLR2004 - two points make an interval
        return
    _record_growth(late, record)
    trend = theil_sen([pair.step / 100 for pair in late], [math.log(pair.ratio or 1.0) * 100 for pair in late])
    if trend is not None:
        places = [late[0].place(), late[-1].place()]
        for name, value in (("", trend.slope), ("_low", trend.low), ("_high", trend.high)):
            record.known(f"weights.ratio_slope{name}", value, places=places, samples=trend.points)


def _record_equals(ratios: Sequence[tuple[float, Pair]], record: Recorder) -> None:
    """Record the run of checkpoints around the largest ratio that are as good as it, within twice the scatter.

    What they do on screen is not in the weights: this narrows the choice, the samples make it.
    """
    values = [ratio for ratio, _ in ratios]
    error = scatter(values)
    best = values.index(max(values))
    first = last = best
    limit = values[best] - EQUAL_ERRORS * (error or 0.0)
    while first > 0 and values[first - 1] >= limit:
        first -= 1
    while last < len(values) - 1 and values[last + 1] >= limit:
        last += 1
    note = f"ratios within {values[best] - limit:.4f} of the largest count as equal" if error is not None else ""
    for name, index in (("from", first), ("to", last)):
        pair = ratios[index][1]
        record.known(f"weights.keep_{name}", pair.step, places=[pair.place()], samples=len(values), note=note)


def _record_growth(late: Sequence[Pair], record: Recorder) -> None:
    first, last = late[0], late[-1]
    record.known("weights.late_from", first.step, places=[first.place()])
    record.known("weights.late_to", last.step, places=[last.place()])
    growth: dict[Expert, float] = {}
    for expert in Expert:
        before, after = first.magnitude(expert), last.magnitude(expert)
        if before and after is not None:
            growth[expert] = (after / before - 1) * 100
            places = [first.place(expert), last.place(expert)]
            record.known(
                "weights.growth",
                growth[expert],
                subject=expert.value,
                places=places,
                note=f"step {first.step} to {last.step}",
            )
    if len(growth) == len(Expert) and growth[Expert.HIGH] > 0:
        record.known("weights.growth_ratio", growth[Expert.LOW] / growth[Expert.HIGH], places=[last.place()])
