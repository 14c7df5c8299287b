"""What an inference hands to the verdict: firings with their evidence, and why every other rule did not fire.

Frozen values only. Every tuple is in the order stage, rule id, subject, whatever order rules and facts came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from diagnose.core.values import Fact, Stage
from diagnose.rulebase.rule import Condition

MATCHER = "python matcher"

Key: TypeAlias = "tuple[str, str]"
"""A fact's identity: its name and its subject."""


class Firing(Struct, frozen=True):
    """A rule that holds for one subject ("run" for a rule without EACH).

    `bound` pairs the alias of every condition that held with the fact it read: `when` first (of an AnyOf, each
    alternative that held), then `applies`. `absent`: what is under `unless`, all known not to hold. `shown` pairs what
    the rule shows besides, as far as it is known, with its alias, if it has one.
    """

    rule: str
    subject: str
    bound: tuple[tuple[str, Fact], ...]
    absent: tuple[Key, ...]
    stage: Stage
    shown: tuple[tuple[str | None, Fact], ...] = ()

    @property
    def values(self) -> Mapping[str, Fact]:
        """The fact behind each alias that texts, grades and changes may name."""
        return {**dict(self.bound), **{alias: fact for alias, fact in self.shown if alias is not None}}


class Gap(Struct, frozen=True):
    """A rule that could not be evaluated for one subject, and the facts it lacked.

    A rule with EACH that may hold for subjects that nobody named has the subject "each" for them, here as where it
    is silent or out of range.
    """

    rule: str
    subject: str
    missing: tuple[Key, ...]


class OutOfRange(Struct, frozen=True):
    """A rule that is not valid for this run: the first condition of `applies` known to fail, and its fact."""

    rule: str
    subject: str
    failed: Condition
    fact: Fact


class Inference(Struct, frozen=True):
    """Everything the rules said about the facts.

    Attributes:
        silent: (rule, subject) of the rules that are known not to hold.
        conclusions: what the firings derived, one fact per name and subject, each with the value True.
        left_open: what the gaps may have derived, each unknown; one of the subject "each" stands for every subject
            of which it was not concluded. Whatever is neither here nor in `conclusions` is false.
        engine: what found this: the matcher, or with "durable-rules 2.0.28" that engine too.
        engine_note: why the engine did not, where it was asked; else "".
    """

    firings: tuple[Firing, ...]
    gaps: tuple[Gap, ...]
    out_of_range: tuple[OutOfRange, ...]
    silent: tuple[tuple[str, str], ...]
    conclusions: tuple[Fact, ...]
    left_open: tuple[Fact, ...]
    engine: str = MATCHER
    engine_note: str = ""
