"""Read a line of the fork's `metrics_<job>.jsonl`. What it has wrong costs the line or the value, never the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Annotated, Any, Literal, Optional, TypeAlias

import msgspec
from msgspec import Meta, Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.finite import GREATEST
from diagnose.sources.lines import Piece
from diagnose.sources.log_readings import MOST_STEPS
from diagnose.sources.log_rows import ExpertSource, LogRow
from diagnose.sources.tally import Tally

_NUMBERS = ("loss", "learning_rate", "gradient_stability", "linear_alpha", "loss_r2", "lr_0", "lr_1")
_TEXTS = ("expert", "timestamp", "phase")
_EXPERTS = {"high_noise": Expert.HIGH.value, "low_noise": Expert.LOW.value}
_NO_NUMBER = re.compile(rb'"(\w{1,40})": (?:NaN|-?Infinity)(?=[,}])')
"""As Python writes it; no JSON, so that the quick reader takes no such line."""

Number: TypeAlias = Optional[Annotated[float, Meta(ge=-GREATEST, le=GREATEST)]]  # noqa: UP045 - read when it runs


class Entry(Struct, gc=False):
    """What a line holds of use. What the trainer writes passes these types, and they are checked by the decoder."""

    step: Annotated[int, Meta(ge=0, lt=MOST_STEPS)]
    timestamp: Optional[str] = None  # noqa: UP045 - as above
    loss: Number = None
    learning_rate: Number = None
    gradient_stability: Optional[Annotated[float, Meta(ge=0, le=1)]] = None  # noqa: UP045 - as above
    linear_alpha: Number = None
    loss_r2: Number = None
    lr_0: Number = None
    lr_1: Number = None
    expert: Optional[Literal["high_noise", "low_noise"]] = None  # noqa: UP045 - as above
    phase: Optional[str] = None  # noqa: UP045 - as above


_decoded: Callable[[bytes], Entry] = msgspec.json.Decoder(Entry).decode


def metrics_row(piece: Piece, tally: Tally) -> LogRow | None:
    """Return the row of a line that is not empty, None where it has none."""
    try:
        entry = _decoded(piece.text)
        time = _seconds(entry.timestamp)
    except (ValueError, RecursionError):  # no JSON, or something in it is not as the trainer writes it
        repaired = _repaired(piece, tally)
        if repaired is None:
            return None
        entry, time = repaired
    rates = {}
    if entry.lr_0 is not None:  # the trainer lists its parameter groups high-noise first
        rates[Expert.HIGH.value] = entry.lr_0
    if entry.lr_1 is not None:
        rates[Expert.LOW.value] = entry.lr_1
    expert = None if entry.expert is None else _EXPERTS[entry.expert]
    return LogRow(
        entry.step,
        piece.number,
        time,
        entry.loss,
        expert,
        None if expert is None else ExpertSource.LOGGED,
        rates,
        entry.learning_rate,
        entry.gradient_stability,
        entry.phase,
        entry.linear_alpha,
        entry.loss_r2,
    )


def _seconds(timestamp: str | None) -> float | None:
    """Return the seconds since the epoch; the trainer writes naive local time, which is read as UTC."""
    if timestamp is None:
        return None
    moment = datetime.fromisoformat(timestamp)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _repaired(piece: Piece, tally: Tally) -> tuple[Entry, float | None] | None:
    """Return what a line holds whose values are not all as the trainer writes them; None where it has no step."""
    if piece.cut:
        tally.add("line too long to be the trainer's; skipped", line=piece.number)
        return None
    quick = _without_nan(piece, tally)
    if quick is not None:
        return quick
    try:
        values = json.loads(piece.text)
    except (ValueError, RecursionError):
        text = "line is not JSON; skipped" if piece.ended else "the last line breaks off; skipped"
        tally.add(text, line=piece.number)
        return None
    if not isinstance(values, dict):
        tally.add("line is not a JSON object; skipped", line=piece.number)
        return None
    return _checked(values, piece.number, tally)


def _without_nan(piece: Piece, tally: Tally) -> tuple[Entry, float | None] | None:
    """Return what a line holds that only has numbers that are none; None for any other."""
    found = _NO_NUMBER.findall(piece.text)
    if not found or piece.text.count(b"{") > 1:
        return None
    try:
        entry = _decoded(_NO_NUMBER.sub(rb'"\1": null', piece.text))
        time = _seconds(entry.timestamp)
    except (ValueError, RecursionError):
        return None
    for key in _NUMBERS:
        if key.encode() in found and getattr(entry, key) is None:
            tally.no_number(key, line=piece.number, step=entry.step)
    return entry, time


def _checked(values: Mapping[str, Any], line: int, tally: Tally) -> tuple[Entry, float | None] | None:
    """Return what a line holds, its values one by one: what is of a wrong kind is unknown."""
    step = values.get("step")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step < MOST_STEPS:
        tally.add("line has no step number; skipped", line=line, key="step")
        return None

    def unknown(key: str, fault: str) -> None:
        tally.add(f"{key} is {fault}; taken as unknown", line=line, key=key, step=step)

    entry = Entry(step)
    for key in _NUMBERS:
        setattr(entry, key, tally.number(values.get(key), key, line=line, step=step))
    stability = entry.gradient_stability
    if stability is not None and not 0 <= stability <= 1:
        unknown("gradient_stability", "no share")
        entry.gradient_stability = None
    for key in _TEXTS:
        if isinstance(values.get(key), str):
            setattr(entry, key, values[key])
        elif values.get(key) is not None:
            unknown(key, "not text")
    if entry.expert not in {None, *_EXPERTS}:
        unknown("expert", "neither high_noise nor low_noise")
        entry.expert = None
    try:
        return entry, _seconds(entry.timestamp)
    except ValueError:
        unknown("timestamp", "not an ISO date")
    return entry, None
