"""How strong each expert is, checkpoint by checkpoint.

*Weight magnitude* is the source document's measure: the mean absolute value over all LoRA tensors of one expert. It
contains the random initialisation of the down matrices, so the reading of an untrained LoRA stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import Recorder
from diagnose.facts.trend import scatter
from diagnose.facts.weights.pairs import Pair, past_youth
from diagnose.weights.measurement import FileMeasurement

SAME_RATIO = 0.005
"""The document gives weight ratios with two decimals: what rounds alike is no better, however exact the measuring."""
FIRST_RISE = 0.5
"""The ratio's lead over 1 grows with the steps to this power at least while it is in its first rise; slower, with the
square root, only chance spreads."""
START_SHARE = 2 / 3
"""Share of its random start in the high-noise reading above which even a low-noise expert that learned nothing leaves
a ratio under 1.5: one checkpoint alone, which shows no rise, tells nothing there."""
SHOWN = 3
"""Files that are named of those with numbers that are not finite."""
EQUAL_ERRORS = 2.0
"""Standard errors by which two checkpoints may differ and still count as equal."""


def record_strength(pairs: Sequence[Pair], compared: Sequence[Pair], record: Recorder) -> None:
    """Record the facts `weights.*` of checkpoints that could be measured.

    `compared` are the pairs at one phase of the experts' turns, which alone say how one stands to the other.
    """
    if not pairs:
        return
    for expert in Expert:
        own = [pair for pair in pairs if expert in pair.experts]
        record.known("weights.present", bool(own), subject=expert.value, places=[(own or pairs)[-1].place(expert)])
        if own:
            _record_expert(expert, own, record)
    both = [pair for pair in pairs if pair.ratio is not None]
    record.known("weights.checkpoints", len(both), places=[pairs[-1].place()])
    if compared:
        _record_ratio(compared, record)


def _record_expert(expert: Expert, own: Sequence[Pair], record: Recorder) -> None:
    last = own[-1]
    measured = last.experts[expert]
    subject, place = expert.value, [last.place(expert)]
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


def _record_ratio(compared: Sequence[Pair], record: Recorder) -> None:
    """Record the ratio at the last of the saves that compare, who leads there, and where it was largest.

    The largest counts past the first third of the run: before that a checkpoint has hardly learned anything.
    """
    last = compared[-1]
    places = [last.place(e) for e in Expert]
    ratios = [(pair.ratio, pair) for pair in compared if pair.ratio is not None]
    ratio = ratios[-1][0]
    record.known("weights.ratio", ratio, places=places)
    record.known("weights.ratio_step", last.step, places=places)
    margin = max(SAME_RATIO, EQUAL_ERRORS * (scatter([ratio for ratio, _ in ratios]) or 0.0))
    if abs(ratio - 1) > margin:
        record.known("weights.low_leads", ratio < 1, places=places)
    settled = _settled(compared, margin)
    if settled is not None:
        note = "" if settled else "every pair starts near 1.00, and it still rises"
        record.known("weights.ratio_settled", settled, places=places, note=note)
    best, best_pair = max(((each, pair) for each, pair in ratios if past_youth(pair, last)), key=lambda item: item[0])
    record.known("weights.ratio_best", best, places=[best_pair.place(e) for e in Expert])
    record.known("weights.ratio_best_step", best_pair.step, places=[best_pair.place()])
    record.known("weights.ratio_fell", best - ratio > margin, places=[best_pair.place(), last.place()])


def record_broken(files: Sequence[FileMeasurement], pairs: Sequence[Pair], record: Recorder) -> None:
    """Record how many numbers that are not finite the last save holds, and how many other files hold any.

    Where nothing tells the step or expert of any file, all of them count as the last save.
    """
    last = set(pairs[-1].files) if pairs else {file.file for file in files}
    counts = {file.file: sum(each.entries.non_finite for each in file.experts) for file in files if file.experts}
    if not counts:
        return
    broken = [file for file in files if counts.get(file.file)]
    for name, found, value in (
        ("total", [file for file in broken if file.file in last], sum(counts.get(file, 0) for file in last)),
        ("files", [file for file in broken if file.file not in last], None),
    ):
        places = [Place(file.file, step=file.step) for file in found[:SHOWN]] or [Place(max(last))]
        record.known(f"weights.non_finite_{name}", len(found) if value is None else value, places=places)


def _settled(both: Sequence[Pair], margin: float) -> bool | None:
    """Return whether the ratio is past its first rise from 1.00; None where one checkpoint alone cannot tell."""
    points = {pair.step: pair.ratio - 1 for pair in both if pair.ratio is not None}
    step, lead = max(points.items())
    if lead <= margin or step <= 0:
        return True if len(points) > 1 or lead < -margin else None
    earlier = [each for each in points if each < step]
    if not earlier:
        high = both[-1].experts[Expert.HIGH]
        if high.magnitude is None or high.untrained_magnitude is None:
            return None
        return high.untrained_magnitude <= START_SHARE * high.magnitude
    before = max(earlier)
    pace = (lead - points[before]) / (step - before)
    return pace * step < FIRST_RISE * lead
