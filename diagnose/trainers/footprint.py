"""What a training takes of memory and of the disk: constants of a trainer, and the sizes that follow from the model's.

The constants are data (`footprint:` in `knowledge/trainers/`), each with its source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from diagnose.rulebase.domain import Network

HALF = 2
"""Bytes of a number in 16 bits, as models are loaded."""
FORMATS: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(("float16", "fp16"), ("F16", 2)),
    **dict.fromkeys(("bfloat16", "bf16"), ("BF16", 2)),
    **dict.fromkeys(("float32", "fp32", "float"), ("F32", 4)),
}
"""Number formats of a save: what its header calls them, and the bytes of a number."""
_WORD = 8
"""safetensors: the header's length takes so many bytes, and the header is filled up to a multiple of it."""


class OptimizerState(Struct, frozen=True):
    """Bytes that an optimizer keeps for each number of the LoRA, each row and column of a factor, and each factor."""

    numbers: float
    factored: float = 0
    each: float = 0


class Relief(Struct, frozen=True):
    """A way to need less memory on the GPU: settings with the values that they are to have, by a name of its own.

    Without settings it is for the user to do. `after`: the settings that it needs first. `phases` are those of a run in
    which it helps, and `families` the models that it is for; none: any.
    """

    name: str
    settings: Mapping[str, str | int | float | bool]
    phases: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    after: Mapping[str, str | int | float | bool] = {}


class Unchecked(Struct, frozen=True):
    """Bytes that each block keeps for the backward pass without gradient checkpointing.

    For each token, `most` as simulated and `least` as a run took at the least; `text`: for the text of each clip.
    """

    most: float
    least: float
    text: float


class Autoencoder(Struct, frozen=True):
    """Bytes that the autoencoder works in at the most, for each pixel of a frame of a clip."""

    decoding: float
    encoding: float


class Footprint(Struct, frozen=True):
    """Constants of one trainer; bytes, unless they say otherwise.

    Attributes:
        lora: for each number of the LoRA while it trains: weight and gradient.
        states: what each optimizer keeps besides, by its name; "*" at the end stands for any ending.
        weights: for each number of a quantised matrix, by the kind of quantisation.
        kept: for each token and block, what gradient checkpointing keeps until the backward pass.
        shared: for each token, what one block takes while it is computed again, and what all of them share.
        without_checkpointing: what the blocks keep where gradient checkpointing is off.
        autoencoder: what it works in.
        context: the GPU's own needs.
        unpacked: one block of quantised weights, as it is computed with.
        ring: the layers that are on their way from main memory, where layers are offloaded.
        adapter: the adapter that makes up for a quantisation.
        most_tokens: tokens of a batch beyond which nothing was tried.
        tensors: name of a factor in a save; `stacked` where both experts lie in one file.
        metadata: metadata of a save, without the run's name.
        state_file: for each factor, what the file of the optimizer's state takes besides the state.
        preview: for each pixel of a preview's frames.
        downloads: bytes of a number in the base models that are downloaded, by the beginning of their name.
        reliefs: how to need less memory, what costs least first.
    """

    lora: float
    states: Mapping[str, OptimizerState]
    weights: Mapping[str, float]
    kept: float
    shared: float
    without_checkpointing: Unchecked
    autoencoder: Autoencoder
    context: float
    unpacked: float
    ring: float
    adapter: float
    most_tokens: int
    tensors: str
    stacked: str
    metadata: int
    state_file: float
    preview: float
    downloads: Mapping[str, float]
    reliefs: tuple[Relief, ...]
    source: str

    def state(self, optimizer: str) -> OptimizerState | None:
        """Return what an optimizer keeps, by its name in lower case; None where that is not known."""
        if optimizer in self.states:
            return self.states[optimizer]
        return next((s for name, s in self.states.items() if name[-1] == "*" and optimizer.startswith(name[:-1])), None)

    def network(self, network: Network, qtype: str | None) -> float | None:
        """Return the bytes of one network; None where the kind of quantisation is not known."""
        return self._held(network.parameters, network.in_matrices, qtype)

    def encoder(self, network: Network, qtype: str | None, offloaded: float = 0.0) -> float | None:
        """Return the bytes of the text encoder, whose table of words is never quantised and never offloaded."""
        layers = network.text_encoder - network.encoder_table
        whole, packed = self._held(network.text_encoder, layers, qtype), self._held(layers, layers, qtype)
        return None if whole is None or packed is None else whole - offloaded * packed

    def _held(self, numbers: int, quantised: int, qtype: str | None) -> float | None:
        """Return the bytes of so many numbers, of which some are quantised."""
        packed = HALF if qtype is None else self.weights.get(qtype)
        return None if packed is None else quantised * packed + (numbers - quantised) * HALF

    def activations(self, network: Network, tokens: float) -> float:
        """Return the bytes that a batch of so many tokens takes with gradient checkpointing."""
        return tokens * (self.kept * network.blocks + self.shared)

    def unchecked(self, network: Network, tokens: float, clips: float) -> tuple[float, float]:
        """Return the bytes that a batch of so many clips and tokens takes without it, at least and at most."""
        each = self.without_checkpointing
        least, most = (network.blocks * tokens * kept for kept in (each.least, each.most))
        return least, most + network.blocks * clips * each.text

    def state_bytes(self, state: OptimizerState, network: Network, rank: int) -> float:
        """Return the bytes of the optimizer's state for the LoRA of one network."""
        sides = network.lora_numbers + network.factors * rank
        numbers = network.lora_numbers * rank
        return numbers * state.numbers + sides * state.factored + network.factors * state.each

    def file_bytes(self, network: Network, rank: int, dtype: str, name: str, networks: int = 1) -> int:
        """Return the bytes of a save: its header and its numbers, of one network or of several in one file."""
        names = [self.tensors] if networks == 1 else [self.stacked.replace("#", str(n + 1)) for n in range(networks)]
        header, numbers = _factors(tuple(names), network.blocks, tuple(network.matrices.items()), rank, FORMATS[dtype])
        header += self.metadata + len(name)
        return _WORD + -(-header // _WORD) * _WORD + numbers


@lru_cache(maxsize=4)
def _factors(
    names: Sequence[str],
    blocks: int,
    matrices: Sequence[tuple[str, tuple[int, int]]],
    rank: int,
    form: tuple[str, int],
) -> tuple[int, int]:
    """Return the bytes of a save's factors, in the header and as numbers; the next config asks for the same again."""
    called, width = form
    factors = sorted(
        (pattern.format(block=block, matrix=matrix, factor=factor), shape, numbers * rank * width)
        for pattern in names
        for block in range(blocks)
        for matrix, (wide, high) in matrices
        for factor, shape, numbers in (("A", f"[{rank},{wide}]", wide), ("B", f"[{high},{rank}]", high))
    )
    header = end = 0
    for tensor, shape, size in factors:
        start, end = end, end + size
        header += len(f'"{tensor}":{{"dtype":"{called}","shape":{shape},"data_offsets":[{start},{end}]}},')
    return header, end
