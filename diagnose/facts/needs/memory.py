"""How much of the GPU's memory and of the main memory a training takes, as a band, and whether a machine has it.

The parts follow from the model's size and the trainer's constants. What was never measured has no figure, and a
sentence that says why.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.sizes import GIB
from diagnose.core.values import Place
from diagnose.facts.needs.disk import plain_rank
from diagnose.facts.needs.passes import most_tokens
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Machine
from diagnose.rulebase.domain import Network
from diagnose.trainers.answers import MemoryUse
from diagnose.trainers.declared import Config

ERROR = 0.1
"""Of the sum, either way: most of the public points with a figure lie within it (`reports/fit.md`)."""
RESERVED = 0.7e9
"""Bytes of the card that the system and the allocator keep."""
CROWDED = 0.9
"""Part of a card beyond which previews and clips that are encoded beside the training decide."""
SURE_MAIN = 0.9
"""Part of what loading takes at its peak that the main memory must have at the least."""
FITS, SHORT, OPEN = "fits", "does not fit", "cannot tell"


class Estimate(Struct, frozen=True):
    """What the GPU holds, in bytes.

    `parts` add up to what training takes, `loading` is the most while the models are loaded; `why_not` says why there
    is no figure.
    """

    parts: Mapping[str, float]
    loading: float
    use: MemoryUse
    why_not: str = ""

    @property
    def training(self) -> float:
        """The sum of the parts."""
        return sum(self.parts.values())

    @property
    def most(self) -> float:
        """What the GPU holds at the most."""
        return max(self.training, self.loading)


def estimate(config: Config, network: Network) -> Estimate | None:
    """Return what the GPU holds; None for a model or a trainer whose sizes are not described."""
    constants, use = config.model.footprint, config.model.memory(config, network)
    if constants is None or use is None:
        return None
    state, rank = constants.state(config.optimizer or ""), plain_rank(config)
    tokens, batch = most_tokens(config, network), config.finite("batch_size")
    why = use.unknown
    if rank is None:
        why = why or "the network that is trained is no plain LoRA on every matrix"
    elif state is None:
        why = why or f"what the optimizer {config.optimizer or ''} keeps in memory is not known"
    elif tokens is None or batch is None or batch.value < 1:
        why = why or "the length and the size of the clips are not known"
    elif tokens * batch.value > constants.most_tokens:
        why = why or f"with {tokens * batch.value:.0f} tokens in a batch nothing was measured"
    if why or rank is None or state is None or tokens is None or batch is None:
        return Estimate({}, 0, use, why)
    lora = network.lora_numbers * rank * constants.lora + constants.state_bytes(state, network, rank)
    parts = {
        **use.weights,
        "LoRA and optimizer": config.experts_trained * lora,
        "activations": constants.activations(network, tokens * batch.value),
        "the GPU's own": constants.context + (constants.unpacked if use.quantised else 0),
    }
    return Estimate(parts, use.loading + constants.context, use)


def verdict(most: float, machine: float, *, encodes: bool) -> str:
    """Return whether so many bytes fit into a card of so many GB: only what the error leaves no doubt about."""
    card = machine * GIB
    if most * (1 - ERROR) > card:
        return SHORT
    room = card - RESERVED
    if most * (1 + ERROR) < room and (not encodes or most * (1 + ERROR) < CROWDED * card):
        return FITS
    return OPEN


def record_memory(config: Config, network: Network, machine: Machine, record: Recorder, *, fresh: bool) -> None:
    """Record the band, its parts, and what a machine makes of it; `fresh`: no step was trained with these settings."""
    found = estimate(config, network)
    if found is None:
        return
    names = ("clips", "base", "lora")
    places = [config.place(name) for name in names if config.setting(name).written]
    checkpointing = config.flag("checkpointing", default=True)
    record.known("needs.without_checkpointing", fresh and not checkpointing.value, places=[checkpointing.place])
    if machine.gpu is not None:
        record.known("machine.gpu", machine.gpu)
    if machine.main is not None:
        record.known("machine.main", machine.main)
    if found.why_not:
        record.known("needs.gpu_unknown", found.why_not, places=places)
    else:
        _record_gpu(found, machine, places, record)
    if found.use.main is not None:
        peak = found.use.main / GIB
        note = "both experts lie there while they are loaded and quantised"
        record.known("needs.main", peak, places=places, note=note)
        record.known("needs.main_least", SURE_MAIN * peak, places=places, note=note)


def _record_gpu(found: Estimate, machine: Machine, places: list[Place], record: Recorder) -> None:
    words = ", ".join(f"{name} {part / GIB:.1f} GB" for name, part in found.parts.items())
    loads = found.loading > found.training
    note = f"{found.loading / GIB:.1f} GB while the models load; then {words}" if loads else words
    note = f"{note}; a tenth less or more"
    record.known("needs.gpu_unknown", "nothing", places=places)
    record.known("needs.gpu_least", found.most * (1 - ERROR) / GIB, places=places, note=note)
    record.known("needs.gpu_most", found.most * (1 + ERROR) / GIB, places=places, note=note)
    record.known("needs.gpu_peak", "while the models load" if loads else "in a training step", places=places)
    if machine.gpu is not None:
        fits = verdict(found.most, machine.gpu, encodes=found.use.encodes)
        record.known("machine.fits", fits, places=places)
