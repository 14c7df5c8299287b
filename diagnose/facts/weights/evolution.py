"""Everything the checkpoints of a run tell together: strength, validity, growth, heading, place, and which to keep."""

from __future__ import annotations

from msgspec import Struct

from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.keep import Keep, record_keep, resumed
from diagnose.facts.weights.location import Direction, Location, locate, record_directions
from diagnose.facts.weights.strength import record_broken, record_strength
from diagnose.facts.weights.trajectory import Trajectory, record_trajectory
from diagnose.facts.weights.turns import compare_turns
from diagnose.facts.weights.validity import record_validity


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
