"""Damage checkpoints and optimizer states in every way we know, and see that nothing but a clear refusal comes of it.

    python tests/fuzz/checkpoint_mutants.py --count 10000 --seed 1

A mutant must be refused with one line, or measured with finite or absent figures, within SECONDS and without the
process growing by more than GROWTH. Anything else is printed with its seed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import struct
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights.measure import measure_run
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.optimizer_state import read_optimizer

SECONDS = 5.0
GROWTH = 256 * 2**20
TEXT_LIMIT = 1000
OVERFLOW = 1e300
"""Sums of numbers this large may leave float64."""

Mutation = Callable[[bytes, random.Random], bytes]


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


def torn(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def grown(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randrange(1, 200))


def holed(content: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(content))
    return content[:begin] + content[begin + chance.randrange(1, 64) :]


def stuffed(content: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(content))
    return content[:begin] + chance.randbytes(chance.randrange(1, 64)) + content[begin:]


def flipped(content: bytes, chance: random.Random) -> bytes:
    """Flip a few bits, half of the time within the header."""
    changed = bytearray(content)
    end = len(content) if chance.random() < 0.5 else 8 + int.from_bytes(content[:8], "little")
    for _ in range(chance.choice((1, 1, 1, 2, 8, 64))):
        changed[chance.randrange(min(end, len(content)))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def zeroed_from(content: bytes, chance: random.Random) -> bytes:
    """As after a power cut: the length is right, the end was never written."""
    begin = chance.randrange(len(content))
    return content[:begin] + b"\0" * (len(content) - begin)


def doubled(content: bytes, chance: random.Random) -> bytes:
    """Two headers, or two whole files."""
    length = 8 + int.from_bytes(content[:8], "little")
    return chance.choice((content + content, content[:length] + content, content[8:] + content))


def other_length(content: bytes, chance: random.Random) -> bytes:
    """Another header length, up to the absurd."""
    length = chance.choice((0, 1, 2**63 - 1, 2**64 - 1, 100_000_000, chance.randrange(2 * len(content))))
    return struct.pack("<Q", length) + content[8:]


def huge_header(content: bytes, chance: random.Random) -> bytes:
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


def edited(content: bytes, chance: random.Random) -> bytes:
    """Change one field of one tensor: dtype, shape or offsets, so that they lie, overlap or leave holes."""
    header, data = split(content)
    name = chance.choice(sorted(header))
    entry = header[name]
    key = chance.choice(sorted(entry))
    if isinstance(entry[key], list) and entry[key] and chance.random() < 0.7:
        place = chance.randrange(len(entry[key]))
        entry[key][place] = chance.choice((entry[key][place] + chance.randrange(-16, 17), *VALUES))
    else:
        entry[key] = chance.choice(VALUES)
    return joined(header, data)


def regrouped(content: bytes, chance: random.Random) -> bytes:
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


def renamed(content: bytes, chance: random.Random) -> bytes:
    """Other tensor names: other kinds of adapter, escapes, the same factor twice, experts mixed."""
    header, data = split(content)
    name = chance.choice([name for name in sorted(header) if name != "__metadata__"])
    stem = name.rsplit(".lora_", 1)[0]
    fresh = chance.choice(
        (
            f"{stem}.lokr_w1", f"{stem}.hada_w1_a", f"{stem}.dora_scale", f"{stem}.lora_mid.weight", f"{stem}.diff",
            f"{stem}.lora_down.weight", f"{stem}.lora_up", f"{stem}.alpha", "", "\x1b[2J", "a\nb", "\ud800", "x" * 999,
            f"transformer_1.{name}", f"transformer_2.{name}", "blocks." + "9" * 250 + ".q.lora_A", "lora_A.weight",
        )
    )  # fmt: skip
    header[fresh] = header.pop(name)
    return joined(header, data)


def dropped(content: bytes, chance: random.Random) -> bytes:
    """A tensor less, its bytes cut out: half a module."""
    header, data = split(content)
    name = chance.choice([name for name in sorted(header) if name != "__metadata__"])
    begin, end = header.pop(name)["data_offsets"]
    for other, entry in header.items():
        if other != "__metadata__" and entry["data_offsets"][0] >= end:
            entry["data_offsets"] = [offset - (end - begin) for offset in entry["data_offsets"]]
    return joined(header, data[:begin] + data[end:])


def repeated_key(content: bytes, chance: random.Random) -> bytes:
    header, data = split(content)
    name = chance.choice(sorted(header))
    text = json.dumps(header)[:-1] + f", {json.dumps(name)}: {json.dumps(header[name])}}}"
    return struct.pack("<Q", len(text)) + text.encode() + data


def filled(content: bytes, chance: random.Random) -> bytes:
    """Numbers that are none: NaN and infinities in all formats, or any bits at all."""
    header, data = split(content)
    changed = bytearray(data)
    begin = chance.randrange(len(data))
    end = chance.randrange(begin, len(data)) + 1
    pattern = chance.choice((b"\xff", b"\x7f", b"\x80\x7f", b"\x80\xff", b"\x00\x7c", b"\xc0\x7f", b"\0", None))
    length = end - begin
    changed[begin:end] = chance.randbytes(length) if pattern is None else (pattern * length)[:length]
    return joined(header, bytes(changed))


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """Flip bits anywhere; of a zip, mostly in its pickle or its directory."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def emptied(_content: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"", b"\0" * 8, b"{}", struct.pack("<Q", 2) + b"{}", b"this is text\n" * 9, b"\0" * 999))


MUTATIONS: tuple[Mutation, ...] = (
    torn, grown, holed, stuffed, flipped, flipped, zeroed_from, doubled, other_length, huge_header, edited, edited,
    regrouped, renamed, dropped, repeated_key, filled, filled, emptied,
)  # fmt: skip
STATE_MUTATIONS: tuple[Mutation, ...] = (torn, grown, holed, stuffed, zeroed_from, spoiled, spoiled)


def optimizer_state(folder: Path) -> bytes:
    """Return the bytes of a small, sound optimizer.pt of the fork's automagic."""
    mask = {"quantized": torch.randint(1, 128, (4, 24), dtype=torch.int8), "scale": 1e-6}
    state = {index: {"step": 9, "lr_mask": mask, "avg_lr": torch.tensor(1e-5)} for index in range(4)}
    groups = [{"lr": 1e-5, "lr_bump": 1e-6, "params": [0, 1]}, {"lr": 1e-5, "params": [2, 3]}]
    path = folder / "sound.pt"
    torch.save({"state": state, "param_groups": groups}, path)
    return path.read_bytes()


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


def judge_checkpoint(path: Path) -> str:
    (measured,) = measure_run([read_checkpoint(path, run_dir=path.parent)], cache=Cache(None))
    for remark in measured.remarks:
        raise DiagnoseError(remark.text)
    for expert in measured.experts:
        check(expert)
    return "measured"


def judge_state(path: Path) -> str:
    read_optimizer(path, live=True)
    return "read"


def outcome(judge: Callable[[Path], str], path: Path) -> str:
    """Return what became of a mutant.

    Raises:
        Exception: it got through to where it must not.
    """
    try:
        return judge(path)
    except DiagnoseError as error:
        text = str(error)
        if "\n" in text or not text.isprintable() or len(text) > TEXT_LIMIT:
            raise AssertionError(f"the refusal is not one clear line: {text[:TEXT_LIMIT]!r}") from error
        return "refused"


def run(count: int, seed: int, folder: Path) -> int:
    """Try the mutants, print what became of them, and return how many failed."""
    sound = [
        lora(("diffusion_model",), torch.bfloat16, alpha=False),
        lora(("diffusion_model.transformer_1", "diffusion_model.transformer_2"), torch.float16, alpha=False),
        lora(("lora_unet",), torch.float32, alpha=True),
        lora(("transformer_2",), torch.float8_e4m3fn, alpha=False),
        lora(("diffusion_model",), torch.float64, alpha=True),
    ]
    state = optimizer_state(folder)
    tally: Counter[tuple[str, str]] = Counter()
    failures, slowest, before = 0, 0.0, peak()
    for index in range(count):
        chance = random.Random(f"{seed}/{index}")
        if index % 8:
            mutation, content, judge, name = chance.choice(MUTATIONS), chance.choice(sound), judge_checkpoint, "m"
        else:
            mutation, content, judge, name = chance.choice(STATE_MUTATIONS), state, judge_state, "optimizer"
        path = folder / f"{name}_000000100_high_noise.safetensors"
        path.write_bytes(mutation(content, chance))
        began = time.perf_counter()
        try:
            became = outcome(judge, path)
        except Exception:  # noqa: BLE001 - any exception is what we look for
            became = "FAILED"
            print(f"seed {seed}, mutant {index}, {mutation.__name__}:\n{traceback.format_exc()}")
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        failures += became == "FAILED" or took > SECONDS
        tally[mutation.__name__, became] += 1
    growth = peak() - before
    show(tally, count=count, failures=failures, slowest=slowest, growth=growth)
    return failures + (growth > GROWTH)


def show(tally: Mapping[tuple[str, str], int], *, count: int, failures: int, slowest: float, growth: int) -> None:
    for (mutation, became), number in sorted(tally.items()):
        print(f"{mutation:14} {became:9} {number:6}")
    print(f"{count} mutants, {failures} failures; slowest {slowest:.2f} s; memory grew by {growth >> 20} MB")


def peak() -> int:
    """Return the largest resident size so far, in bytes; Linux counts in kB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return int(run(options.count, options.seed, Path(folder)) > 0)


if __name__ == "__main__":
    sys.exit(main())
