"""Everything the checkpoints of a run tell together: strength, validity, growth, heading, place, and which to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.keep import Keep, record_keep, resumed
from diagnose.facts.weights.location import Direction, Location, locate, record_directions
from diagnose.facts.weights.pairs import Pair
from diagnose.facts.weights.strength import record_broken, record_strength
from diagnose.facts.weights.trajectory import Trajectory, record_trajectory
from diagnose.facts.weights.turns import compare_turns
from diagnose.weights.measurement import SLACK, ExpertMeasurement

MODEL_WIDTHS = frozenset({5120, 13824})
"""Layer widths of WAN 2.2 A14B: the reference run's thresholds were read on these. The reading at initialisation is
0.5/sqrt(width), so a narrower network reads higher without having learned anything."""
MOST_DRIFT = 16.0
"""Training widens down by sqrt(1 + d^2) where up has reached the RMS u, in units of the initial RMS. In the
trainers' runs that we have, d^2 was 3 to 12 times u^2 once it could be seen."""
MOST_UP = 3.0
"""RMS of up over the initial RMS of down: training from zero did not come near it (1.5 in the strongest run)."""
EARLY_UP = 0.1
FLATTEST = 0.96
"""While up is this small, down still has its first distribution; a normal one of equal variance has 0.92 of the mean
absolute value of the uniform one."""


def record_validity(pairs: Sequence[Pair], record: Recorder) -> None:
    """Record `weights.default_start` and `weights.comparable`, whose note gives the reasons."""
    if not pairs:
        return
    first, place = pairs[0], [pairs[-1].place()]
    groups = list(pairs[-1].experts.values())
    widths = {width for group in groups for m in group.modules for width in (m.fan_in, m.fan_out)}
    oddities = [text for group in first.experts.values() for text in start_oddities(group)]
    reasons = list(dict.fromkeys(oddities))
    if oddities or all(group.entries.rms is not None for group in first.experts.values()):
        record.known("weights.default_start", not oddities, places=[first.place()], note="; ".join(reasons))
    if any(group.shrunk for group in groups):
        reasons.append(
            "the down matrices are smaller than a random start leaves them: rows were added, or they were scaled"
        )
    if not widths <= MODEL_WIDTHS:
        reasons.append(
            f"its layers are {_words(widths)} wide, the thresholds were read on {_words(MODEL_WIDTHS)}, "
            "and the reading at initialisation depends on the width"
        )
    if record.truth("effective.ema"):
        reasons.append("the saved weights are EMA averages, which lag behind the weights in training")
    elif record.truth("config.ema") and record.truth("effective.ema") is None and not reasons:
        record.unknown(
            "weights.comparable", "whether the saved weights are averages depends on the trainer", places=place
        )
        return
    note = "; ".join(reasons) or f"the thresholds were read on layers {_words(MODEL_WIDTHS)} wide"
    record.known("weights.comparable", bool(widths) and not reasons, places=place, note=note)


def _words(widths: Iterable[int]) -> str:
    return " and ".join(map(str, sorted(widths)))


def start_oddities(group: ExpertMeasurement) -> Iterator[str]:
    """Yield what in an expert's first checkpoint cannot come of the trainers' own start: U(+-1/sqrt(width)) and zero.

    Seen in mean squares, which are 1/(3 width) at that start and which training only widens.
    """
    down, up = group.factors
    if down.rms is None or up.rms is None or down.magnitude is None:
        return
    start = group.start_rms
    widened, grown = (down.rms / start) ** 2 - 1, up.rms / start
    if grown > MOST_UP:
        yield "the up matrices of the first checkpoint are too large for a start at zero"
    elif not -SLACK <= widened <= SLACK + MOST_DRIFT * grown**2:
        yield "the down matrices of the first checkpoint were not drawn from U(±1/sqrt(width))"
    elif grown < EARLY_UP:
        uniform = sum(module.untrained_sum for module in group.modules) / down.count / start
        if down.magnitude / down.rms < FLATTEST * uniform:
            yield "the down matrices of the first checkpoint were not drawn from a uniform distribution"


class Evolution(Struct, frozen=True):
    """What became of the weights; None and empty where the checkpoints are too few to tell."""

    trajectory: Trajectory | None
    directions: tuple[Direction, ...]
    locations: tuple[Location, ...]
    keep: Keep | None


def record_evolution(evidence: Evidence, record: Recorder) -> Evolution:
    """Record the facts `weights.*`, after those of the config and the run's resumes; return what the report shows."""
    pairs, weights = evidence.pairs, evidence.weights
    turns = compare_turns(
        pairs, evidence.series, evidence.cadence, [place.step or 0 for place in resumed(record) or ()]
    )
    record_broken(weights.files, pairs, record)
    record_strength(pairs, turns.compared, record)
    record_validity(pairs, record)
    trajectory = record_trajectory(pairs, turns, record)
    directions = record_directions(weights.headings, record)
    keep = record_keep(turns, trajectory, evidence, record)
    return Evolution(trajectory, directions, locate(pairs, weights.headings, record), keep)
