"""A rule, checked and frozen: what the engine matches and the verdict words.

A rule is three-valued. It *fires* when every condition under `when` and `applies` is known to hold and every
one under `unless` is known not to; it is *silent* when one of them decides against it; otherwise it was
*not evaluated*, and the report says which facts it would have needed.
"""

from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from diagnose.core.values import Confidence, Intent, Scalar, Severity, Stage

MAX_TEXT = 4096
"""Characters of the longest text. Escaped it has at most twelve times as many, which the engine's 16 bits can count."""
MAX_TITLE = 72
MAX_WHOLE = 2**53
"""Whole numbers beyond it are not exact in a double, which is what the engine compares."""

RULE_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
WORD = r"[a-z][a-z0-9_]{0,79}"
FACT_NAME = rf"{WORD}(?:\.{WORD}){{0,7}}"
CLAIM_ID = r"[A-Z]{2,4}-[0-9]{2}"


EACH = "each"
"""Subject of a condition that ranges over subjects: all `each` conditions of a rule speak of the same one."""


class Op(str, Enum):
    """A comparison of a fact's value with an operand. Ordered ones are for numbers only."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


class Reference(Struct, frozen=True):
    """The value of another condition of the same rule, times a constant: `{of: low_rate, times: 3}`."""

    alias: str
    times: float = 1.0


Operand: TypeAlias = Scalar | tuple[Scalar, ...] | Reference


class Test(Struct, frozen=True):
    """One comparison. `operand` is a tuple for IN only, a Reference for the ordered ones, IS and IS_NOT only."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    op: Op
    operand: Operand
    param: str | None = None
    """The parameter the operand came from, for the report; None for a literal."""


class Condition(Struct, frozen=True, tag=True):
    """A fact exists with a value, and the value passes every test.

    `subject` is "run", "high", ..., or EACH. `alias` is unique in the rule; messages and references use it.
    """

    fact: str
    subject: str
    tests: tuple[Test, ...]
    alias: str


class AnyOf(Struct, frozen=True, tag=True):
    """At least one of the alternatives holds. Aliases inside may be used in no message or reference."""

    alternatives: tuple[Condition, ...]


Clause: TypeAlias = Condition | AnyOf


class Shown(Struct, frozen=True):
    """A fact that a finding shows where it is known. The rule fires with it or without it.

    It stands in the evidence. With an `alias` the texts, grades and changes of the rule may name it besides: a part of
    a text that needs it is left out where it is unknown, a grade does not hold, and a change is not asked for.
    """

    fact: str
    subject: str
    alias: str | None = None


class Follows(Struct, frozen=True):
    """How a parameter follows from others: the mean of those named, times one number over another."""

    names: tuple[str, ...]
    times: float = 1.0
    over: float = 1.0


class Param(Struct, frozen=True):
    """A named threshold with its origin."""

    name: str
    value: Scalar
    unit: str
    source: str
    """A claim id, or a reference to trainer code or literature."""
    runs: int | None
    """How many training runs stand behind it; None where it is not empirical (arithmetic, trainer code)."""
    overridden: bool = False
    replaced: Scalar | None = None
    """The value that the user's own stands in place of; None where there is none."""
    origin: str = ""
    """Where the user set it, if it is overridden: "--set", or a line of the project file."""
    least: float | None = None
    """The smallest value that makes sense; None where any does."""
    whole: bool = False
    """Whether only whole numbers make sense."""
    follows: Follows | None = None
    """What it is worked out from, unless the user sets it; None where it is a number of its own."""


class Applicability(str, Enum):
    """Whether a change may be written into the next config without asking."""

    SAFE = "safe"
    REVIEW = "review"
    MANUAL = "manual"


class ChangeOp(str, Enum):
    """What a change does to a key."""

    SET = "set"
    ENSURE = "ensure"
    """Set where the key is absent; leave the user's value where it is there."""
    REMOVE = "remove"
    ADVISE = "advise"
    """No key to edit: something for the user to do."""


class ChangeSpec(Struct, frozen=True):
    """A change a rule asks for.

    `setting` is the name of a setting, or a placeholder whose value is a key of the config: "{subject}". A setting of
    an entry is that of `entry`. `entry` and `because` may hold the placeholders of a message. What is written is
    `value`, an entry of the strategy's `recipe`, or the value of the alias `fact`. A change that `yields` is made only
    where no other rule has a wish for the key, an advice only where no cause of what it answers has one of its own.
    """

    setting: str
    op: ChangeOp
    because: str
    applicability: Applicability
    value: Scalar | None = None
    recipe: str | None = None
    fact: str | None = None
    yields: bool = False
    states: str | None = None
    """The answer an advice gives to a question that a report answers in one way only."""
    entry: str = "{subject}"


class Grade(Struct, frozen=True):
    """A higher or lower severity for a firing whose bound value passes a test."""

    severity: Severity
    alias: str
    test: Test


class Case(Struct, frozen=True):
    """One of a rule's own test cases."""

    name: str
    given: tuple[tuple[str, str, Scalar | None], ...]
    """(fact, subject, value); None for known to be unknown."""
    fires: bool
    subjects: tuple[str, ...] | None
    """Which subjects it fires for, where the case says so."""
    message: str | None
    severity: Severity | None
    missing: tuple[str, ...]
    """Facts that a silent rule must name as missing; empty: it must be evaluated."""


class Meaning(str, Enum):
    """What a rule that fires means for the saves of the run and for the next one, besides what it says."""

    RUN_BROKE = "run-broke"
    """The run broke while it trained: what broke it is put right alone, and the rest waits."""
    SAVES_SPOILT = "saves-spoilt"
    """What was saved after the first NaN is worthless, and the run is not to be resumed."""
    NO_ROOM = "no-room"
    """The disk was full: the next run keeps no more saves before there is room."""
    GOES_FIRST = "goes-first"
    """Its changes are made at once, whatever waits."""
    OTHER_STRENGTH = "other-strength"
    """The files of this run are to be loaded at the scale that they were trained at."""
    TWO_RUNS = "two-runs"
    """Two runs, an expert each, are advised in place of one; the changes that make them carry the rule's name."""


class Rule(Struct, frozen=True):
    """One rule file. `derives` names the conclusions (always true) that a firing hands to later stages."""

    id: str
    name: str
    title: str
    stage: Stage
    status: str
    since: str
    domain: str
    """The model it is about: the name of a domain, or "any"."""
    intents: tuple[Intent, ...]
    trainers: tuple[str, ...]
    """Names of trainers, or `any` alone, for a rule that speaks of named settings only."""
    severity: Severity | None
    """None for a remedy: it words no finding, it only changes the config."""
    grades: tuple[Grade, ...]
    confidence: Confidence
    why: str
    known_problems: tuple[str, ...]
    claims: tuple[str, ...]
    params: tuple[Param, ...]
    applies: tuple[Condition, ...]
    """Validity: where one is known to fail, the rule is out of its range, which is not the same as passed."""
    when: tuple[Clause, ...]
    unless: tuple[Condition, ...]
    message: str
    derives: tuple[str, ...]
    changes: tuple[ChangeSpec, ...]
    cases: tuple[Case, ...]
    states: str | None = None
    """The answer its message gives to a question that a report answers in one way only."""
    show: tuple[Shown, ...] = ()
    """What a finding shows besides; no part of the logic, so no matcher looks at it."""
    explains: tuple[str, ...] = ()
    """Names of the rules whose findings belong to this one's story: its effects, or the same fault seen elsewhere."""
    topic: str | None = None
    """What the finding is about, where another one may hold it back: a run that broke says nothing of its balance."""
    holds_back: tuple[str, ...] = ()
    """The topics that cannot be judged where this rule fires."""
    means: tuple[Meaning, ...] = ()
    sources: tuple[str, ...] = ()
    """What it rests on besides the document's claims, or in place of them: trainer code, runs of one's own."""
    headline: str = ""
    """The title of its finding, with the placeholders of a message; the title where nothing is left of it."""
    as_sure_as: str | None = None
    """The alias of a text, "high", "medium" or "low": its finding is no surer than that."""
    explained_by: str | None = None
    """The alias of a text, names of rules with a comma between: those that fire explain this one."""
