"""Consoles: real ones in pieces, spliced, with their numbers, bars and tracebacks damaged; and bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml
from fuzz.formats import Files, Format, seeds
from fuzz.noise import noisy
from fuzz.trees import ODD_TEXTS

from diagnose.core.paths import knowledge_dir
from diagnose.inputs import facts_of, run_inputs
from diagnose.trainers.aitoolkit.console.console_signs import is_console
from diagnose.trainers.aitoolkit.console.transcript import join, read_transcript

NAME = "stdout.log"


def _texts(tree: Any) -> Iterator[str]:
    """Yield every text in a tree: those of the known crashes, as the tests of their kinds have them."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _texts(each)


LINES = [re.split(rb"(?<=[\r\n])", text) for text in seeds("stdout.log")]
CONFIGS = seeds("config.yaml")
CRASHES = [
    text.encode()
    for path in sorted((knowledge_dir() / "crashes").glob("*.yaml"))
    for text in _texts(yaml.safe_load(path.read_text(encoding="utf-8")).get("tests"))
]
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?")
NUMBERS = (b"0", b"-1", b"nan", b"inf", b"1e999", b"9" * 30, b"9" * 9, b"0.0", b"", b"1e-400", b"\xd9\xa3", b"7" * 5000)
PIECES = (
    b"\r", b"\x1b[A", b"\x1b[2K\r", b"Traceback (most recent call last):\n", b"Killed\n", b"torch.OutOfMemoryError: CUDA out of memory. ",
    b"Tried to allocate 2.00 GiB. ", b"KeyboardInterrupt\n", b"Segmentation fault (core dumped)\n", b"Result:\n - 0 completed jobs\n",
    b"During handling of the above exception, another exception occurred:\n\n", b'  File "/a/toolkit/x.py", line 9, in f\n',
    b"RuntimeError: ", b"OSError: [Errno 28] No space left on device\n", b"| 3/40 [00:01<00:09, 4.20it/s, lr: 1e-5 loss: 2e-1]\r",
    b"Saving at step 20\n", b"Saved checkpoint to output/x/x_000000020.safetensors\n", b"{'a': ", b"][", b"\xe2\x96", b"\x08" * 20,
)  # fmt: skip


def damaged(chance: Random) -> bytes:
    """Return a stretch of a console, or of two."""
    parts = list(_stretch(chance))
    if chance.random() < 0.2:
        parts += _stretch(chance)
    if chance.random() < 0.3:
        parts.insert(chance.randrange(len(parts) + 1), chance.choice(CRASHES) + b"\n")
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        _change(parts, chance)
    content = b"".join(parts)
    return noisy(content, chance) if chance.random() < 0.25 else content


def _stretch(chance: Random) -> list[bytes]:
    lines = chance.choice(LINES)
    begin = chance.choice((0, 0, chance.randrange(len(lines))))
    length = chance.choice((3, 20, 80))
    return lines[-length:] if chance.random() < 0.25 else lines[begin : begin + length]


def _change(parts: list[bytes], chance: Random) -> None:
    at, kind = chance.randrange(len(parts)), chance.randrange(7)
    if kind <= 1:
        found = list(NUMBER.finditer(parts[at]))
        if found:
            spot = chance.choice(found)
            parts[at] = parts[at][: spot.start()] + chance.choice(NUMBERS) + parts[at][spot.end() :]
    elif kind == 2:
        parts.insert(at, chance.choice(PIECES))
    elif kind == 3:
        spot_at = chance.randrange(len(parts[at]) + 1)
        word = chance.choice((*PIECES, chance.choice(ODD_TEXTS).encode("utf-8", "surrogatepass")))
        parts[at] = parts[at][:spot_at] + word + parts[at][spot_at:]
    elif kind == 4:
        parts[at] = parts[at] * chance.choice((2, 30))
    elif kind == 5:
        parts.insert(chance.randrange(len(parts)), parts[at])
    elif len(parts) > 1:
        del parts[at]


def make(chance: Random) -> Files:
    beside: Files = {"config.yaml": chance.choice(CONFIGS)} if chance.random() < 0.5 else {}
    return {NAME: damaged(chance), **beside}


def _read(folder: Path) -> object:
    is_console(folder / NAME)
    return join([read_transcript(folder / NAME, run_dir=folder)], names=["x"])


FORMAT = Format(
    make=make,
    read=_read,
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
)
