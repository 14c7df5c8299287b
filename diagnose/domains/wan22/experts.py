"""The two experts of WAN 2.2 A14B."""

from __future__ import annotations

from enum import Enum


class Expert(str, Enum):
    """One of the two transformers: high noise makes the coarse motion, low noise refines."""

    HIGH = "high"
    LOW = "low"
