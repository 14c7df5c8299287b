"""Recognise the training progress bar in the console and read the numbers behind it.

Both trainers show one bar for the training steps and others for samples, weights and data. Only the training bar
carries a rate: `job:  12%|█▏  | 19/160 [00:04<00:33, 4.26it/s, lr0: 5.8e-05 lr1: 3.3e-05 loss: 6.437e-01]`.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from diagnose.sources.log_rows import logged_number
from diagnose.sources.readings import LogRow
from diagnose.sources.tally import Tally

_BAR = re.compile(rb"(\d{1,9})/(\d{1,9}) \[([^\[\],]*),[^\[\],]*, (lr\d?: [^\[\]]+)\]")
_ELAPSED = re.compile(rb"(?:(\d{1,5}):)?(\d\d):(\d\d)<")
_IDLE = re.compile(rb".+?: +\d{1,3}%\|[^|]*\| (\d{1,9})/(\d{1,9}) \[[^\[\],]*, *\?it/s\]")
_PAIR = re.compile(rb"(?:^|(?<= ))([^\s:]+): (\S+)")

_FIELDS = {b"lr": "lr_shared", b"lr0": "lr_high", b"lr1": "lr_low", b"loss": "loss", b"grad_norm": "grad_norm"}


class Bar(NamedTuple):
    """One drawing of a bar: its name, position and total, its numbers as printed, the text printed after it.

    `elapsed` is the seconds since it was drawn first, where it tells.
    """

    name: bytes
    position: int
    total: int
    numbers: bytes
    after: bytes
    elapsed: int | None = None


def training_bar(text: bytes) -> Bar | None:
    """Return the bar if the text holds one with a rate. One that a narrow terminal cut short is none."""
    match = _BAR.search(text) if b", lr" in text else None
    return match and Bar(_name(text), int(match[1]), int(match[2]), match[4], text[match.end() :], _elapsed(match[3]))


def idle_bar(text: bytes) -> Bar | None:
    """Return a bar that has a name and has not moved yet: the training bar before its first step, or another."""
    match = _IDLE.match(text) if b"?it/s]" in text else None
    return match and Bar(_name(text), int(match[1]), int(match[2]), b"", text[match.end() :])


def _name(text: bytes) -> bytes:
    return text.partition(b": ")[0]


def _elapsed(times: bytes) -> int | None:
    match = _ELAPSED.match(times)
    return match and int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])


def bar_row(numbers: bytes, *, step: int, line: int, tally: Tally, elapsed: int | None = None) -> LogRow:
    """Return the row that the numbers behind a bar make; what is not finite is unknown and counted."""
    values: dict[str, float | None] = {}
    for key, written in _PAIR.findall(numbers):
        if key in _FIELDS:
            field = _FIELDS[key]
            values[field] = logged_number(_float(written))
            if values[field] is None:
                name = key.decode()
                tally.add(f"{name} is not a finite number; taken as unknown", line=line, key=name, step=step)
    return LogRow(
        step,
        line,
        file=tally.file,
        loss=values.get("loss"),
        lr_high=values.get("lr_high"),
        lr_low=values.get("lr_low"),
        lr_shared=values.get("lr_shared"),
        grad_norm=values.get("grad_norm"),
        elapsed=elapsed,
    )


def _float(written: bytes) -> float:
    try:
        return float(written)
    except ValueError:
        return math.nan
