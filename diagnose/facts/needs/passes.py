"""How large the clips are for the model, and how often each expert sees all of them."""

from __future__ import annotations

from msgspec import Struct

from diagnose.facts.dataset.taken import own_length
from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.rulebase.domain import Network
from diagnose.trainers.declared import Config, Setting

LARGEST_SIDE = 2**16
"""Pixels; a side beyond is a typing error."""
MOST_FRAMES = 10_000
"""No clip of a training run has more."""
MOST_REPEATS = 10**6
"""No clip of a training run comes more often."""


class Clips(Struct, frozen=True):
    """The clips of a data set: the frames of each, and for each resolution the side of the square of their area.

    A clip of another shape has the same area or less, so the square has the most tokens.
    """

    frames: float
    sides: tuple[float, ...]

    def tokens(self, network: Network) -> list[int]:
        """Return the tokens of a clip in each resolution."""
        return [network.tokens(self.frames, side, side) for side in self.sides]


def record_passes(evidence: Evidence, config: Config, record: Recorder) -> None:
    """Record the tokens of a clip of each data set, and the passes of each expert over the data."""
    network = evidence.asked.yardstick.network
    if network is not None and config.is_wan22_14b:
        for path in config.entries("clips"):
            _record_tokens(config, path, network, record)
    entries, batch, accumulation = _entries(config, record), config.finite("batch_size"), config.finite("accumulation")
    updates = config.model.updates(config) or {}
    steps = config.finite("steps")
    if entries is None or batch is None or accumulation is None or steps is None or not sum(updates.values()):
        return
    drawn = steps.value * accumulation.value * batch.value
    for expert, count in updates.items():
        passes = drawn * count / sum(updates.values()) / entries
        note = "each clip counts as often as num_repeats and the list of resolutions say"
        places = [steps.place, config.place("clips")]
        record.known("needs.passes", passes, subject=expert.value, places=places, note=note)


def _record_tokens(config: Config, path: str, network: Network, record: Recorder) -> None:
    clips, places = longest_of(config, path, record), [config.place("clip.resolution", path)]
    if clips is not None:
        tokens, place = max(clips.tokens(network)), config.place("clip.frames", path)
        record.known("dataset.tokens", tokens, subject=path, places=[place, *places])
    elif own_length(config, path):
        record.unknown("dataset.tokens", "each clip has its own length", subject=path, places=places)


def most_tokens(config: Config, network: Network, record: Recorder) -> int | None:
    """Return the tokens of the largest clip of all data sets; None where one of them is not known."""
    found = [longest_of(config, path, record) for path in config.entries("clips")]
    known = [max(each.tokens(network)) for each in found if each is not None]
    return max(known, default=None) if len(known) == len(found) else None


def clips_of(config: Config, path: str) -> Clips | None:
    """Return the size of a data set's clips; None where each has its own length, or the config names no size."""
    frames = config.finite("clip.frames", path)
    return None if own_length(config, path) else _sized(config, path, frames.value if frames is not None else 1)


def longest_of(config: Config, path: str, record: Recorder) -> Clips | None:
    """Return the size of a data set's longest clips, where each has its own length as the clips themselves show it."""
    if not own_length(config, path):
        return clips_of(config, path)
    longest = record.number("dataset.longest_frames", path)
    return _sized(config, path, longest) if longest is not None else None


def _sized(config: Config, path: str, count: float) -> Clips | None:
    sides = _of_entry(config, "clip.resolution", path).value
    listed = sides if isinstance(sides, list) else [sides]
    sized = listed and all(isinstance(each, int | float) and 0 < each <= LARGEST_SIDE for each in listed)
    return Clips(count, tuple(listed)) if sized and 1 <= count <= MOST_FRAMES else None


def clips_in_a_pass(config: Config, path: str, record: Recorder) -> float | None:
    """Return how many clips of a data set one pass takes in each resolution; None where they were not counted."""
    files, repeats = record.number("dataset.files", path), _of_entry(config, "clip.repeats", path).value
    counted = files is not None and isinstance(repeats, int) and 1 <= repeats <= MOST_REPEATS
    return files * repeats if files is not None and counted else None


def _entries(config: Config, record: Recorder) -> float | None:
    """Return how many clips one pass takes; None where a data set was not counted."""
    total = 0.0
    for path in config.entries("clips"):
        clips = clips_in_a_pass(config, path, record)
        if clips is None:
            return None
        total += clips * max(1, len(config.items("clip.resolution", path)))
    return total or None


def _of_entry(config: Config, name: str, path: str) -> Setting:
    """Return a setting of a data set, the trainer's default where it is absent."""
    found = config.setting(name, path)
    return found if found.written else Setting(config.model.default(name), found.place, written=False)
