"""Reproducible randomness, and the single precision in which the trainer logs its numbers."""

from __future__ import annotations

import hashlib
import random
import struct


def stream(seed: int, *purpose: str) -> random.Random:
    """Return a random stream of its own for every purpose: one more draw in one never shifts another."""
    return random.Random(derived_seed(seed, *purpose))  # noqa: S311 - repeatable numbers are wanted, not secrets


def derived_seed(seed: int, *purpose: str) -> int:
    """Return a seed of 63 bits for a purpose."""
    digest = hashlib.sha256("/".join([str(seed), *purpose]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def single(value: float) -> float:
    """Return the value rounded to single precision."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
