"""Checkpoints: headers that lie, tensors that overlap or are no numbers, and bytes.

A mutant must be refused with one line, or measured with finite or absent figures.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import torch
from fuzz.formats import Files, Format, seeds
from fuzz.noise import Mutation, emptied, flipped, grown, holed, stuffed, torn, zeroed_from
from fuzz.trees import grown_wild
from safetensors.torch import save

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.inputs import facts_of, run_inputs
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights.measure import measure_run
from diagnose.weights.measurement import ExpertMeasurement

ABOUT = {
    "format": "pt",
    "training_info": '{"step": 100, "epoch": 2}',
    "software": '{"version": "0.7.4"}',
    "ss_base": "wan22_14b",
}
OVERFLOW = 1e300
"""Sums of numbers this large may leave float64."""


def lora(prefixes: tuple[str, ...], dtype: torch.dtype, *, alpha: bool) -> bytes:
    """Return the bytes of a small, sound checkpoint."""
    tensors = {}
    for prefix in prefixes:
        for block in range(2):
            for kind, fan_in, fan_out in (("self_attn.q", 24, 16), ("ffn.0", 16, 40)):
                module = f"{prefix}.blocks.{block}.{kind}"
                tensors[f"{module}.lora_A.weight"] = (torch.rand(4, fan_in) - 0.5).to(dtype)
                tensors[f"{module}.lora_B.weight"] = (torch.randn(fan_out, 4) * 0.01).to(dtype)
                if alpha:
                    tensors[f"{module}.alpha"] = torch.tensor(2.0)
    metadata = {"format": "pt", "training_info": '{"step": 100, "epoch": 2}', "software": '{"version": "0.7.4"}'}
    return save(tensors, metadata)


def split(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the data of a sound file."""
    length = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    return header, content[8 + length :]


def joined(header: object, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def header_flipped(content: bytes, chance: Random) -> bytes:
    """Flip a few bits within the header."""
    end = 8 + int.from_bytes(content[:8], "little")
    return flipped(content[:end], chance) + content[end:]


def doubled(content: bytes, chance: Random) -> bytes:
    """Two headers, or two whole files."""
    length = 8 + int.from_bytes(content[:8], "little")
    return chance.choice((content + content, content[:length] + content, content[8:] + content))


def other_length(content: bytes, chance: Random) -> bytes:
    """Another header length, up to the absurd."""
    length = chance.choice((0, 1, 2**63 - 1, 2**64 - 1, 100_000_000, chance.randrange(2 * len(content))))
    return struct.pack("<Q", length) + content[8:]


def huge_header(content: bytes, chance: Random) -> bytes:
    """A valid header of megabytes: padding, metadata, empty tensors, or nesting."""
    header, data = split(content)
    size = chance.randrange(1 << 12, 1 << 15)
    kind = chance.randrange(4)
    if kind == 0:
        header["__metadata__"]["note"] = "x" * (size * 64)
    elif kind == 1:
        end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
        for index in range(size):
            header[f"e{index}"] = {"dtype": "F32", "shape": [0], "data_offsets": [end, end]}
    elif kind == 2:
        text = json.dumps(header).encode() + b" " * (size * 64)
        return struct.pack("<Q", len(text)) + text + data
    else:
        text = b'{"a":' + b"[" * (size * 8)
        return struct.pack("<Q", len(text)) + text + data
    return joined(header, data)


VALUES: tuple[object, ...] = (
    None, True, -1, 0, 1, 2, 4, 2**31, 2**40, 2**63, 2**64, 10**400, 1.5, "", "x", [], [1], {}, [0, 0], [2**62, 4],
    [0, 2**62], [64, 64], [1] * 9, "F64", "F32", "BF16", "F8_E4M3", "I8", "F4", "C64", "bf16",
)  # fmt: skip


def edited(content: bytes, chance: Random) -> bytes:
    """Change one field of one tensor: dtype, shape or offsets, so that they lie, overlap or leave holes."""
    header, data = split(content)
    name = chance.choice(sorted(header))
    entry = header[name]
    if chance.random() < 0.1:
        header["__metadata__"] = grown_wild({**ABOUT, **entry} if name == "__metadata__" else ABOUT, chance)
        return joined(header, data)
    key = chance.choice(sorted(entry))
    if isinstance(entry[key], list) and entry[key] and chance.random() < 0.7:
        place = chance.randrange(len(entry[key]))
        entry[key][place] = chance.choice((entry[key][place] + chance.randrange(-16, 17), *VALUES))
    else:
        entry[key] = chance.choice(VALUES)
    return joined(header, data)


def regrouped(content: bytes, chance: Random) -> bytes:
    """Other shapes of the same size: the tiling holds, the matrices do not."""
    header, data = split(content)
    name = chance.choice([name for name in sorted(header) if name != "__metadata__"])
    shape = header[name]["shape"]
    count = 1
    for size in shape:
        count *= size
    options = [[count], [1, count], [count, 1], list(reversed(shape)), [*shape, 1, 1], [1, *shape], [*shape] + [1] * 7]
    header[name]["shape"] = chance.choice(options)
    return joined(header, data)


def renamed(content: bytes, chance: Random) -> bytes:
    """Other tensor names: other kinds of adapter, escapes, the same factor twice, experts mixed."""
    header, data = split(content)
    name = chance.choice([name for name in sorted(header) if name != "__metadata__"])
    stem = name.rsplit(".lora_", 1)[0]
    fresh = chance.choice(
        (
            f"{stem}.lokr_w1", f"{stem}.hada_w1_a", f"{stem}.dora_scale", f"{stem}.lora_mid.weight", f"{stem}.diff",
            f"{stem}.lora_down.weight", f"{stem}.lora_up", f"{stem}.alpha", "", "\x1b[2J", "a\nb", "\ud800", "x" * 999,
            f"transformer_1.{name}", f"transformer_2.{name}", f"blocks.{'9' * 5000}.q.lora_A.weight", "blocks.\u00b2.q.lora_A.weight", "lora_A.weight",
        )
    )  # fmt: skip
    header[fresh] = header.pop(name)
    return joined(header, data)


def dropped(content: bytes, chance: Random) -> bytes:
    """A tensor less, its bytes cut out: half a module."""
    header, data = split(content)
    name = chance.choice([name for name in sorted(header) if name != "__metadata__"])
    begin, end = header.pop(name)["data_offsets"]
    for other, entry in header.items():
        if other != "__metadata__" and entry["data_offsets"][0] >= end:
            entry["data_offsets"] = [offset - (end - begin) for offset in entry["data_offsets"]]
    return joined(header, data[:begin] + data[end:])


def repeated_key(content: bytes, chance: Random) -> bytes:
    header, data = split(content)
    name = chance.choice(sorted(header))
    text = json.dumps(header)[:-1] + f", {json.dumps(name)}: {json.dumps(header[name])}}}"
    return struct.pack("<Q", len(text)) + text.encode() + data


def filled(content: bytes, chance: Random) -> bytes:
    """Numbers that are none: NaN and infinities in all formats, or any bits at all."""
    header, data = split(content)
    changed = bytearray(data)
    begin = chance.randrange(len(data))
    end = chance.randrange(begin, len(data)) + 1
    pattern = chance.choice((b"\xff", b"\x7f", b"\x80\x7f", b"\x80\xff", b"\x00\x7c", b"\xc0\x7f", b"\0", None))
    length = end - begin
    changed[begin:end] = chance.randbytes(length) if pattern is None else (pattern * length)[:length]
    return joined(header, bytes(changed))


MUTATIONS: tuple[Mutation, ...] = (
    torn, grown, holed, stuffed, flipped, header_flipped, zeroed_from, doubled, other_length, huge_header, edited, edited,
    regrouped, renamed, dropped, repeated_key, filled, filled, emptied,
)  # fmt: skip


def check(expert: ExpertMeasurement) -> None:
    """Raise if a figure contradicts the counts beside it."""
    for module in expert.modules:
        figures = (module.magnitude, module.entries.rms, module.entries.max, module.update_norm, module.stable_rank)
        if any(figure is not None and not 0 <= figure < float("inf") for figure in figures):
            raise AssertionError(f"{module.name}: a figure is not finite: {figures}")
        overflowed = module.entries.max is not None and module.entries.max > OVERFLOW
        if (module.magnitude is None) != (module.entries.non_finite > 0) and not overflowed:
            raise AssertionError(f"{module.name}: magnitude {module.magnitude}, {module.entries.non_finite} not finite")
        if module.entries.non_finite and module.update_norm is not None:
            raise AssertionError(
                f"{module.name}: {module.entries.non_finite} not finite, update norm {module.update_norm}"
            )


def measured(folder: Path) -> None:
    (found,) = measure_run([read_checkpoint(folder / NAME, run_dir=folder)], cache=Cache(None))
    for remark in found.remarks:
        raise DiagnoseError(remark.text)
    for expert in found.experts:
        check(expert)


@cache
def sound() -> list[bytes]:
    """Return small sound checkpoints, the same ones every time."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return [
            lora(("diffusion_model",), torch.bfloat16, alpha=False),
            lora(("diffusion_model.transformer_1", "diffusion_model.transformer_2"), torch.float16, alpha=False),
            lora(("lora_unet",), torch.float32, alpha=True),
            lora(("transformer_2",), torch.float8_e4m3fn, alpha=False),
            lora(("diffusion_model",), torch.float64, alpha=True),
        ]


def make(chance: Random) -> Files:
    content = chance.choice(MUTATIONS)(chance.choice(sound()), chance)
    beside: Files = {"config.yaml": chance.choice(CONFIGS)} if chance.random() < 0.5 else {}
    return {NAME: content, **beside}


NAME = "x_000000100_high_noise.safetensors"
CONFIGS = seeds("config.yaml")
FORMAT = Format(
    make=make,
    read=measured,
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
)
