"""Everything the checkpoints of a run tell together: strength, validity, growth, heading, place, and which to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.core.model import Intent
from diagnose.facts.config.cadence import read_cadence
from diagnose.facts.config.declared import Config
from diagnose.facts.log.series import Series
from diagnose.facts.premises import Premises
from diagnose.facts.record import Recorder
from diagnose.facts.targets import Targets
from diagnose.facts.weights.direction import Direction, record_directions
from diagnose.facts.weights.keep import Evidence, Keep, record_keep, resumed
from diagnose.facts.weights.location import Location, locate
from diagnose.facts.weights.strength import Pair, record_broken, record_strength
from diagnose.facts.weights.trajectory import Trajectory, record_trajectory
from diagnose.facts.weights.turns import compare_turns
from diagnose.facts.weights.validity import record_validity
from diagnose.sources.readings import RunReadings
from diagnose.weights.run import RunWeights


@dataclass(frozen=True, slots=True)
class Evolution:
    """What became of the weights; None and empty where the checkpoints are too few to tell."""

    trajectory: Trajectory | None
    directions: tuple[Direction, ...]
    locations: tuple[Location, ...]
    keep: Keep | None


def record_evolution(
    pairs: Sequence[Pair],
    weights: RunWeights,
    record: Recorder,
    premises: Premises,
    targets: Targets,
    *,
    readings: RunReadings,
    series: Series | None,
) -> Evolution:
    """Record the facts `weights.*`, after those of the config and the run's resumes; return what the report shows."""
    config, model, intent = premises.config, premises.model, premises.intent.intent
    cadence = read_cadence(config, model) if config is not None and model is not None else None
    turns = compare_turns(pairs, series, cadence, [place.step or 0 for place in resumed(record) or ()])
    record_broken(weights.files, pairs, record)
    record_strength(pairs, turns.compared, record)
    record_validity(pairs, record)
    trajectory = record_trajectory(pairs, turns, record)
    directions = record_directions(weights.headings, record)
    longest = _longest(targets, config, intent)
    evidence = Evidence(readings, series, config, intent, longest, targets.learned)
    keep = record_keep(pairs, turns, trajectory, evidence, record)
    return Evolution(trajectory, directions, locate(pairs, weights.headings, record), keep)


def _longest(targets: Targets, config: Config | None, intent: Intent | None) -> float | None:
    """Return the last step at which a good checkpoint of motion can be expected, which is counted over both experts."""
    if intent is not Intent.MOTION:
        return None
    return targets.degraded if config is None or config.trains_both else targets.degraded / 2
