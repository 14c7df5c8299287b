"""What takes least to save memory on the GPU: the trainer's means in their order, and what each would save."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.core.values import GIB, Scalar
from diagnose.facts.needs.memory import ACTIVATIONS, Estimate, estimate
from diagnose.facts.needs.passes import clips_of
from diagnose.facts.recorder import NONE, Recorder
from diagnose.rulebase.domain import Network
from diagnose.trainers.declared import Config, shown
from diagnose.trainers.footprint import Relief
from diagnose.trainers.quantisation import without_adapter

ANOTHER_PROGRAM = "another-program"
"""What there is to end where no setting of the run helps."""
LARGER_CARD = "larger-card"
"""What is left where every key is set, and the clips are tiny."""
WORTH = 0.1 * GIB
"""What saves less is no means."""
CLIPS_WORTH = GIB
"""Activations below it: smaller clips save next to nothing."""


def record_relief(config: Config, network: Network, record: Recorder) -> None:
    """Record the first means that is left, how many GB it saves, and those after it.

    Where a crash tells a phase that any of them helps in, what does not help there is left out; where another program
    is its cause, no means of the trainer is named.
    """
    if record.truth("crash.by_others"):
        record.known("needs.relief", ANOTHER_PROGRAM, places=[config.place("base")])
        return
    constants, now = config.model.footprint, estimate(config, network, record)
    if constants is None or now is None:
        return
    phase = record.get("crash.during")
    known = {name for each in constants.reliefs for name in each.phases}
    reached = str(phase.value) if phase is not None and phase.value in known else ""
    left: dict[str, float | None] = {}
    words: dict[str, str] = {}
    for each in constants.reliefs:
        helps = reached in each.phases if reached else bool(each.settings)
        if helps and _is_left(config, each) and each.families in {(), (config.architecture,)}:
            then = estimate(_supposing(config, each.settings), network, record) if each.settings else None
            saved = _saved(now, then)
            if saved is None or saved >= WORTH:
                left[each.name], words[each.name] = saved, _worded(config, each, saved)
    first = _first_enough(left, _short(record)) if left else _nothing_left(now)
    places = [config.place("base")]
    others = [name for name in left if name != first]
    record.known("needs.relief", first, places=places)
    saved = left.get(first)
    if saved is not None:
        record.known("needs.relief_saves", saved / GIB, places=places)
    _record_shorter(config, network, record)
    if others:
        record.known("needs.relief_others", ", ".join(words[name] for name in others), places=places)
    if words:
        record.known("needs.relief_ways", ", ".join(words.values()), places=places)


def _short(record: Recorder) -> float:
    """Return the bytes that were missing in a crash, 0 where none or nothing tells."""
    asked, free = record.number("crash.asked"), record.number("crash.free")
    return max(0.0, asked - (free or 0)) * GIB if asked is not None else 0.0


def _first_enough(left: Mapping[str, float | None], short: float) -> str:
    """Return the first means that saves what was missing, as far as it is known; else the one that saves most."""
    enough = [name for name, saved in left.items() if saved is None or saved >= short]
    return next(iter(enough), max(left, key=lambda name: left[name] or 0))


def _nothing_left(now: Estimate) -> str:
    """Return what is left where no key is: smaller clips, unless they are known to take next to nothing."""
    return LARGER_CARD if now.parts and now.parts[ACTIVATIONS] < CLIPS_WORTH else NONE


def _record_shorter(config: Config, network: Network, record: Recorder) -> None:
    """Record what half as many frames would save."""
    constants, batch = config.model.footprint, config.finite("batch_size")
    paths = config.entries("clips")
    sized = {path: clips for path in paths if (clips := clips_of(config, path)) is not None}
    if constants is None or batch is None or not sized or len(sized) < len(paths):
        return
    path = max(sized, key=lambda each: max(sized[each].tokens(network)))
    tokens = max(sized[path].tokens(network))
    count = int(sized[path].frames)
    half = network.frames_taken((count + 1) // 2)
    if half >= count:
        return
    spared = tokens * (1 - network.latent_frames(half) / network.latent_frames(count)) * batch.value
    saved = constants.activations(network, spared)
    if saved < WORTH:
        return
    places = [config.place("clip.frames", path)]
    record.known("needs.clips_frames", count, places=places)
    record.known("needs.clips_half", half, places=places)
    record.known("needs.clips_saves", saved / GIB, places=places)


def _supposing(config: Config, given: Mapping[str, Scalar]) -> Config:
    """Return the config as it would be with these values of settings."""
    supposed = {key: value for name, value in given.items() if (key := config.key(name)) is not None}
    return Config(config.reading, config.model, supposed)


def _worded(config: Config, relief: Relief, saved: float | None) -> str:
    """Return the settings of a means by their keys, and what it saves by itself."""
    given = [(name, value) for name, value in relief.settings.items() if _value(config, name) != _kind(value)]
    words = " with ".join(f"{config.called(name)} {shown(value)}" for name, value in given) or relief.name
    return f"{words} (saves {saved / GIB:.1f} GB)" if saved is not None else words


def _is_left(config: Config, relief: Relief) -> bool:
    """Return whether a means would change something, and the trainer has it."""
    if any(config.key(name) is None for name in relief.settings):
        return False
    if any(_value(config, name) != value for name, value in relief.after.items()):
        return False
    return not relief.settings or any(_value(config, name) != _kind(value) for name, value in relief.settings.items())


def _value(config: Config, name: str) -> Scalar | None:
    found = config.setting(name)
    if found.value is None:
        return False
    return _kind(found.value) if isinstance(found.value, str | int | float | bool) else None


def _kind(value: Scalar) -> Scalar:
    """Return a value without what follows a stroke: the adapter of a quantisation."""
    return without_adapter(value) if isinstance(value, str) else value


def _saved(now: Estimate, then: Estimate | None) -> float | None:
    """Return how many bytes less the GPU holds; None where one of the two has no figure."""
    return now.most - then.most if then is not None and now.parts and then.parts else None
