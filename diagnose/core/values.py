"""The frozen values that cross a border between two layers, and sizes in bytes.

files -> readings -> facts -> firings -> verdict -> report: this module holds what every layer may name.
Readings are in `diagnose.sources.readings`, rules in `diagnose.rulebase.rule`, the report in
`diagnose.verdict.report`.
"""

from __future__ import annotations

import math
from enum import Enum
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

Scalar: TypeAlias = bool | float | int | str
RUN = "run"
"""The subject of a fact about the whole run."""


class Intent(str, Enum):
    """What the LoRA is to learn. Advice for motion is the opposite of advice for the other two."""

    MOTION = "motion"
    CHARACTER = "character"
    STYLE = "style"


class Ranked(str, Enum):
    """Kinds in an order that counts."""

    @cached_property
    def rank(self) -> int:
        """0 for the first, which weighs most."""
        return list(type(self)).index(self)


class Stage(Ranked):
    """When a rule runs, the earliest first. A rule reads conclusions of earlier stages only."""

    SYMPTOM = "symptom"
    CAUSE = "cause"
    REMEDY = "remedy"


class Severity(Ranked):
    """How much a finding costs the user, worst first."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"
    GOOD = "good"


class Confidence(Ranked):
    """How sure we are that a finding is true of this run, surest first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


NEVER = "never"
LEVELS = (*(each.value for each in Severity if each is not Severity.GOOD), NEVER)
"""The severities that can stop a launch, and the word for none."""
CONFIDENCES = tuple(each.value for each in Confidence)


class Quality(str, Enum):
    """How sure a fact's value is."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


class Notation(str, Enum):
    """How a number is written for a reader."""

    NUMBER = "number"
    RATE = "rate"
    """A learning rate, 1.48e-4."""
    MAGNITUDE = "magnitude"
    """A mean size or norm of weights, 0.005605."""
    RATIO = "ratio"
    """High over low, 1.35."""
    LOSS = "loss"
    SHARE = "share"
    """A part of a whole, from 0 to 1."""
    PERCENT = "percent"
    """A change in percent, with its sign; its unit begins with %."""
    TIMES = "times"
    """So many times something; its unit is x."""


class Place(Struct, frozen=True, order=True):
    """Where a value was read: a file relative to the run, and what in it.

    `line` is 1-based. `key` is a dotted config path, `tensor` a tensor name, `step` a training step.
    """

    file: str
    line: int | None = None
    key: str | None = None
    tensor: str | None = None
    step: int | None = None

    def __str__(self) -> str:
        """Return `file:line`, as editors and terminals understand it, or the file alone."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Remark(Struct, frozen=True):
    """Something a reader could not use or had to repair, for the user to see."""

    place: Place
    text: str


class Fact(Struct, frozen=True):
    """One thing known, or known to be unknown, about the run.

    Attributes:
        name: declared in `knowledge/facts.yaml`, or derived by a rule.
        subject: "run", an expert, or what else the declaration says (a key, a data set).
        value: None exactly when `quality` is UNKNOWN. Never NaN or infinite.
        unit: as declared; "" for a pure number, text or truth value.
        places: where the value was read; the first is the one to show.
        samples: how many independent observations an ESTIMATED value comes from.
        note: where it comes from, or, when unknown, what to provide.
        notation: as declared.
    """

    name: str
    subject: str
    value: Scalar | None
    unit: str = ""
    quality: Quality = Quality.EXACT
    places: tuple[Place, ...] = ()
    samples: int | None = None
    note: str = ""
    notation: Notation = Notation.NUMBER

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.quality is not Quality.UNKNOWN

    @property
    def key(self) -> tuple[str, str]:
        """The fact's identity: a run has at most one fact per name and subject."""
        return (self.name, self.subject)


GB = 1e9
"""Bytes of a GB, as disks are sold."""
GIB = 2**30
"""Bytes of a GB of memory, as cards and memory modules are sold."""


def size(count: float) -> str:
    """Write a number of bytes as a disk's label does, in units of 1000: "1.2 GB", "27 GB"."""
    for unit, one in (("TB", 1e12), ("GB", GB), ("MB", 1e6)):
        if count >= one:
            return f"{count / one:.0f} {unit}" if count >= 10 * one else f"{count / one:.1f} {unit}"
    return f"{math.ceil(count / 1e3)} kB"
