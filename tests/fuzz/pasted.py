"""Consoles by themselves (`diagnose log`): pieces of real ones as people paste them: quoted, numbered, folded, cut."""

from __future__ import annotations

from pathlib import Path
from random import Random

from fuzz import console
from fuzz.formats import Files, Format
from fuzz.noise import noisy

from diagnose.inputs import console_inputs, facts_of
from diagnose.sources.console_files import GivenConsole, read_consoles
from diagnose.trainers.any_console import read_any_console
from diagnose.trainers.rooms import run_readers

OTHERS = (
    b"epoch 1/20\nsteps:   3%|\xe2\x96\x8e         | 12/400 [00:31<16:41,  2.58s/it, avr_loss=0.105]\n",
    b"started new epoch: 3\nstep: 120 loss: 0.11 lr: 1e-4\n",
    b"[2026-01-12 16:28:17,804] [INFO] [logging.py:96:log_dist] [Rank 0] step=120, lr=[5e-05], mom=[0.9]\n",
    b"steps: 40 loss: 0.0712 iter time (s): 1.003 samples/sec: 3.987\n",
)
"""Lines of trainers that have no reader of their own."""


def pasted(chance: Random) -> bytes:
    """Return a text as it comes from a chat, a terminal or a web page."""
    text = console.damaged(chance) if chance.random() < 0.8 else chance.choice(OTHERS) * chance.choice((1, 9, 40))
    lines = text.split(b"\n")
    kind = chance.randrange(9)
    if kind == 0:
        lines = [b"> " + line for line in lines]
    elif kind == 1:
        lines = [b"```", *lines, b"```"] if chance.random() < 0.7 else [b"```text", *lines]
    elif kind == 2:
        first = chance.choice((1, 98, 10**9))
        lines = [b"%5d  %b" % (first + index, line) for index, line in enumerate(lines)]
    elif kind == 3:
        lines = [b"    " + line for line in lines]
    elif kind == 4:
        width = chance.choice((20, 80, 120))
        lines = [line[at : at + width] for line in lines for at in range(0, max(1, len(line)), width)]
    elif kind == 5:
        lines = [b"2026-11-30T12:00:%02d.000Z %b" % (index % 60, line) for index, line in enumerate(lines)]
    elif kind == 6:
        lines = [line.replace(b"<", b"&lt;").replace(b"\r", b"^M").replace(b"\x1b", b"^[") for line in lines]
    content = b"\n".join(lines)
    return noisy(content, chance) if chance.random() < 0.15 else content


def make(chance: Random) -> Files:
    return {chance.choice(("run.log", "paste.txt", "x", "\x1b[31m.out", "a b")): pasted(chance)}


def _given(folder: Path) -> GivenConsole:
    return GivenConsole(next(folder.iterdir()))


FORMAT = Format(
    make=make,
    read=lambda folder: read_consoles([_given(folder)], run_readers(), read_any_console),
    facts=lambda folder: facts_of(console_inputs([_given(folder)], None)),
    command=lambda folder: ["log", str(next(folder.iterdir())), "--format", "json"],
)
