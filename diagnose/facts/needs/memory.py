"""How much of the GPU's memory and of the main memory a training takes, as a band, and whether a machine has it.

The parts follow from the model's size and the trainer's constants. What was never measured has no figure, and a
sentence that says why.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import GIB, Place
from diagnose.facts.dataset.taken import own_length
from diagnose.facts.needs.autoencoder import moments, uncounted
from diagnose.facts.needs.disk import plain_rank
from diagnose.facts.needs.passes import most_tokens
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Machine
from diagnose.rulebase.domain import Network
from diagnose.trainers.answers import MemoryUse
from diagnose.trainers.declared import Config, Setting
from diagnose.trainers.footprint import Footprint

ERROR = 0.1
"""Of the sum, either way: most of the public points with a figure lie within it (`reports/fit.md`)."""
RESERVED = 0.7e9
"""Bytes of the card that the system and the allocator keep."""
CROWDED = 0.9
"""Part of a card beyond which previews and clips that are encoded beside the training decide."""
SURE_MAIN = 0.9
"""Part of what loading takes at its peak that the main memory must have at the least."""
SHOWN = 0.1 * GIB
"""A difference that a figure shows."""
OFFLOADED = "how much of the weights layer offloading leaves on the GPU was never measured"
OWN_LENGTH = "each clip is trained at its own length, and not every clip was read; --dataset names their folder"
ACTIVATIONS = "activations"
"""The part that grows with the clips."""
FITS, SHORT, OPEN = "fits", "does not fit", "cannot tell"


class Estimate(Struct, frozen=True):
    """What the GPU holds, in bytes.

    `parts` add up to what training takes, `loading` is the most while the models are loaded; `why_not` says why there
    is no figure, or none but the least, where there are parts. `unsure`: how much less than their part the activations
    may be, where they were never measured. `beside`: the most while the autoencoder works, whose
    least is not known; `uncounted`: what of its work has no figure.
    """

    parts: Mapping[str, float]
    loading: float
    use: MemoryUse
    why_not: str = ""
    unsure: float = 0.0
    beside: Mapping[str, float] = {}
    uncounted: tuple[str, ...] = ()

    @property
    def training(self) -> float:
        """The sum of the parts."""
        return sum(self.parts.values())

    @property
    def most(self) -> float:
        """What the GPU holds at the most."""
        return max(self.training, self.loading, *self.beside.values())

    @property
    def band(self) -> tuple[float, float]:
        """What the GPU holds, at least and at most, as far as the error of the estimate goes."""
        return with_error(max(self.training - self.unsure, self.loading), self.most)


def with_error(least: float, most: float) -> tuple[float, float]:
    """Return a band of sums with the error of the estimate."""
    return least * (1 - ERROR), most * (1 + ERROR)


def estimate(config: Config, network: Network, record: Recorder) -> Estimate | None:
    """Return what the GPU holds; None for a model or a trainer whose sizes are not described."""
    constants, use = config.model.footprint, config.model.memory(config, network)
    if constants is None or use is None:
        return None
    state, rank = constants.state(config.optimizer or ""), plain_rank(config)
    tokens, batch = most_tokens(config, network, record), config.finite("batch_size")
    why = use.unknown
    if rank is None:
        why = why or "the network that is trained is no plain LoRA on every matrix"
    elif state is None:
        why = why or f"what the optimizer {config.optimizer or ''} keeps in memory is not known"
    elif tokens is None or batch is None or batch.value < 1:
        own = any(own_length(config, path) for path in config.entries("clips"))
        why = why or (OWN_LENGTH if own else "the length and the size of the clips are not known")
    if why or rank is None or state is None or tokens is None or batch is None:
        return Estimate({}, 0, use, why)
    measured = min(tokens, constants.most_tokens / batch.value)
    least, most = _activations(config, network, constants, measured, batch.value)
    lora = network.lora_numbers * rank * constants.lora + constants.state_bytes(state, network, rank)
    parts = {
        **use.weights,
        "LoRA and optimizer": config.experts_trained * lora,
        ACTIVATIONS: most,
        "the GPU's own": constants.context + (constants.unpacked if use.quantised and not use.offloads else 0),
        **({"layers on their way": constants.ring} if use.offloads else {}),
    }
    floor = OFFLOADED if use.offloads else ""
    if tokens > measured:
        floor = f"with {tokens * batch.value:.0f} tokens in a batch nothing was measured"
    beside = dict(moments(config, constants, use, sum(parts.values()) - most, record))
    left_out = tuple(uncounted(config, use, beside))
    return Estimate(parts, use.loading + constants.context, use, floor, most - least, beside, left_out)


def _checkpointing(config: Config) -> Setting:
    return config.flag("checkpointing", default=True)


def _activations(
    config: Config, network: Network, constants: Footprint, tokens: float, clips: float
) -> tuple[float, float]:
    """Return the bytes of the activations of a batch, at least and at most."""
    if not _checkpointing(config).value:
        return constants.unchecked(network, tokens * clips, clips)
    return (constants.activations(network, tokens * clips),) * 2


def verdict(band: tuple[float, float], machine: float, *, encodes: bool) -> str:
    """Return whether a band of bytes fits into a card of so many GB: only what it leaves no doubt about."""
    least, most = band
    card = machine * GIB
    if least > card:
        return SHORT
    if most < card - RESERVED and (not encodes or most < CROWDED * card):
        return FITS
    return OPEN


def record_memory(config: Config, network: Network, machine: Machine, record: Recorder) -> None:
    """Record the band, its parts, and what a machine makes of it."""
    _record_checkpointing(config, network, record)
    found = estimate(config, network, record)
    if found is None:
        return
    names = ("clips", "base", "lora")
    places = [config.place(name) for name in names if config.setting(name).written]
    if machine.gpu is not None:
        record.known("machine.gpu", machine.gpu)
    if machine.main is not None:
        record.known("machine.main", machine.main)
    record.known("needs.gpu_unknown", found.why_not or "nothing", places=places)
    if found.parts:
        _record_gpu(found, machine, places, record)
    if found.use.main is not None:
        peak = found.use.main / GIB
        note = "both experts lie there while they are loaded and quantised"
        record.known("needs.main", peak, places=places, note=note)
        record.known("needs.main_least", SURE_MAIN * peak, places=places, note=note)


def _record_checkpointing(config: Config, network: Network, record: Recorder) -> None:
    """Record whether gradient checkpointing is on, and what the activations take where it is off."""
    found = _checkpointing(config)
    if config.key("checkpointing") is not None:
        record.setting("config.checkpointing", found)
    constants, tokens, batch = config.model.footprint, most_tokens(config, network, record), config.finite("batch_size")
    if found.value or constants is None or tokens is None or batch is None or batch.value < 1:
        return
    _, taken = constants.unchecked(network, tokens * batch.value, batch.value)
    record.known("needs.without_checkpointing", taken / GIB, places=[found.place, config.place("clips")])


def _record_gpu(found: Estimate, machine: Machine, places: list[Place], record: Recorder) -> None:
    words = ", ".join(f"{name} {part / GIB:.1f} GB" for name, part in found.parts.items())
    loads = found.loading > found.training
    note = f"{found.loading / GIB:.1f} GB while the models load; then {words}" if loads else words
    unsure = (
        f", and activations of {found.unsure / GIB:.1f} GB less, as they were simulated only" if found.unsure else ""
    )
    before = max(found.training, found.loading) + SHOWN
    larger = [f"{each / GIB:.1f} GB {when}" for when, each in found.beside.items() if each >= before]
    left_out = [f"not counted: {', '.join(found.uncounted)}"] if found.uncounted else []
    note = "; ".join([note, f"a tenth less or more{unsure}", *larger, *left_out])
    least, most = found.band
    record.known("needs.gpu_least", least / GIB, places=places, note=note)
    if not found.why_not:
        record.known("needs.gpu_most", most / GIB, places=places, note=note)
    peak = found.loading > found.training - found.unsure
    record.known("needs.gpu_peak", "while the models load" if peak else "in a training step", places=places)
    if machine.gpu is not None:
        fits = verdict(found.band, machine.gpu, encodes=found.use.encodes)
        if fits == SHORT or not found.why_not:
            record.known("machine.fits", fits, places=places)
