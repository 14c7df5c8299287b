"""Which tensors of a checkpoint belong together: the down and up factor of each plain LoRA module, and its alpha.

Works on names and shapes alone. Anything that is not plain LoRA is refused by name: a figure that silently left
out half of a file would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import prod

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import CheckpointFile, TensorEntry

PART = re.compile(
    r"(?P<module>.+)\.(?:(?P<down>lora_A|lora_down)|(?P<up>lora_B|lora_up))(?:\.weight)?|(?P<owner>.+)\.alpha"
)
PREFIX = re.compile(r"^(?:diffusion_model[._]|lora_unet_|transformer_[12][._])+")
BLOCK = re.compile(r"(?:^|\.)blocks\.(?P<block>\d{1,4})\.(?P<kind>.+)")
UNDERSCORED = re.compile(r"^blocks_(\d{1,4})_(self_attn|cross_attn|ffn)_(\w+)$")
"""musubi-tuner writes module paths with underscores; these are WAN's."""
FOREIGN: Mapping[str, re.Pattern[str]] = {
    "LoKr": re.compile(r"\.lokr_"),
    "LoHa": re.compile(r"\.hada_"),
    "DoRA": re.compile(r"\.(?:dora_scale|lora_magnitude_vector)"),
    "a Tucker-decomposed convolution": re.compile(r"\.lora_mid"),
    "OFT": re.compile(r"\.(?:oft_|boft_)"),
    "a full-rank difference": re.compile(r"\.diff(?:_b)?$"),
}


class Format(Struct, frozen=True):
    """A format of sign, exponent and mantissa bits. Without the sign, the bits of finite numbers order like integers.

    `infinite` is the smallest magnitude that is infinite or NaN.
    """

    exponent: int
    mantissa: int
    infinite: int

    @property
    def width(self) -> int:
        """Bytes of one number."""
        return (1 + self.exponent + self.mantissa) // 8

    @property
    def magnitude(self) -> int:
        """The mask of all bits but the sign."""
        return (1 << (self.exponent + self.mantissa)) - 1


FORMATS: Mapping[str, Format] = {
    "F64": Format(exponent=11, mantissa=52, infinite=0x7FF0_0000_0000_0000),
    "F32": Format(exponent=8, mantissa=23, infinite=0x7F80_0000),
    "F16": Format(exponent=5, mantissa=10, infinite=0x7C00),
    "BF16": Format(exponent=8, mantissa=7, infinite=0x7F80),
    "F8_E5M2": Format(exponent=5, mantissa=2, infinite=0x7C),
    "F8_E4M3": Format(exponent=4, mantissa=3, infinite=0x7F),
}
"""What a LoRA may be saved in, by the name in a file's header."""
UNKNOWN = "not a LoRA factor (a full model, or an unknown adapter)"
TENSOR_LIMIT = 128 * 2**20
"""Bytes held at once per process. Rank 1024 on WAN's widest layer (13824) in fp32 is 57 MB."""
RANK_LIMIT = 2048
"""An eigenproblem of this size takes seconds; no LoRA in use comes near."""


class LoraPair(Struct, frozen=True):
    """One LoRA module's tensors. Down is rank x fan_in and up fan_out x rank, once flattened to two dimensions."""

    name: str
    block: int | None
    kind: str
    down: TensorEntry
    up: TensorEntry
    alpha: TensorEntry | None

    @property
    def expert(self) -> str | None:
        """The expert it belongs to, as far as the reader could tell."""
        return self.down.expert

    @property
    def rank(self) -> int:
        """The dimension both factors share."""
        return self.down.shape[0]

    @property
    def fan_in(self) -> int:
        """Input width; channels times kernel of a convolution."""
        return prod(self.down.shape[1:])

    @property
    def fan_out(self) -> int:
        """Output width."""
        return self.up.shape[0]

    @property
    def dtype(self) -> str:
        """The dtype of the factors; both, if they differ."""
        return "/".join(dict.fromkeys((self.down.dtype, self.up.dtype)))

    @property
    def bytes(self) -> int:
        """What reading both factors takes."""
        return self.down.end - self.down.begin + self.up.end - self.up.begin


def lora_pairs(checkpoint: CheckpointFile) -> tuple[LoraPair, ...]:
    """Return the modules in order of their bytes.

    Raises:
        DiagnoseError: the file holds anything but plain LoRA in floating point, or half a module.
    """
    file = checkpoint.file
    modules: dict[str, dict[str, TensorEntry]] = {}
    for tensor in checkpoint.tensors:
        part = PART.fullmatch(tensor.name)
        if part is None:
            kind = next((word for word, mark in FOREIGN.items() if mark.search(tensor.name)), UNKNOWN)
            raise DiagnoseError(
                f"{file}: {tensor.name!r} is {kind}; only plain LoRA (lora_A/lora_B, lora_down/lora_up) is measured"
            )
        role = "down" if part["down"] else "up" if part["up"] else "alpha"
        same = modules.setdefault(part["module"] or part["owner"], {}).setdefault(role, tensor)
        if same is not tensor:
            raise DiagnoseError(f"{file}: {same.name!r} and {tensor.name!r} are the same factor; save the file again")
    if not modules:
        raise DiagnoseError(f"{file}: holds no tensors; there is nothing to measure")
    pairs = (_pair(module, parts, file) for module, parts in modules.items())
    return tuple(sorted(pairs, key=lambda pair: min(pair.down.begin, pair.up.begin)))


def _pair(module: str, parts: Mapping[str, TensorEntry], file: str) -> LoraPair:
    """Put one module together; shapes, dtypes and sizes that no plain LoRA has are refused."""
    missing = {"down", "up"} - parts.keys()
    if missing:
        raise DiagnoseError(f"{file}: {module!r} has no {' and no '.join(sorted(missing))} factor; save again")
    down, up, alpha = parts["down"], parts["up"], parts.get("alpha")
    for tensor in (down, up):
        shape = list(tensor.shape)
        if not shape[1:] or not prod(shape):
            raise DiagnoseError(f"{file}: {tensor.name!r} has shape {shape}, no matrix; save again")
        if tensor.end - tensor.begin > TENSOR_LIMIT or down.shape[0] > RANK_LIMIT:
            raise DiagnoseError(f"{file}: {tensor.name!r} has shape {shape}, too large for a LoRA factor")
    if down.shape[0] != prod(up.shape[1:]):
        shapes = f"{list(down.shape)} and {list(up.shape)}"
        raise DiagnoseError(f"{file}: {down.name!r} and its up factor have shapes {shapes}, which do not multiply")
    if alpha is not None and prod(alpha.shape) != 1:
        raise DiagnoseError(f"{file}: {alpha.name!r} has shape {list(alpha.shape)}; alpha must be one number")
    for tensor in parts.values():
        if tensor.dtype not in FORMATS:
            measured = ", ".join(sorted(FORMATS))
            raise DiagnoseError(f"{file}: {tensor.name!r} is {tensor.dtype}; only {measured} is measured")
    return LoraPair(*_place(module), down, up, alpha)


@lru_cache(maxsize=4096)
def _place(module: str) -> tuple[str, int | None, str]:
    """Return a module's name without prefix, its block and its kind. Every file of a run has the same modules."""
    name = UNDERSCORED.sub(r"blocks.\1.\2.\3", PREFIX.sub("", module))
    place = BLOCK.search(name)
    return (name, int(place["block"]), place["kind"]) if place else (name, None, name)
