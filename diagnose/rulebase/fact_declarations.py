"""The registry of facts, `knowledge/facts.yaml`: each name that may be asserted, with type, unit and meaning."""

from enum import Enum

from msgspec import Struct

from diagnose.core.values import Notation, Scalar


class FactType(str, Enum):
    """What kind of value a fact has."""

    NUMBER = "number"
    TEXT = "text"
    BOOL = "bool"


class SubjectKind(str, Enum):
    """What a fact is about."""

    RUN = "run"
    TRAINING = "training"
    """The run where it trains both experts; else each run of a pair, by the expert that it trains."""
    EXPERT = "expert"
    KEY = "key"
    DATASET = "dataset"
    PHASE = "phase"
    CHECKPOINT = "checkpoint"
    PACKAGE = "package"
    """A package, another part of the machine, or a combination of them."""
    PART = "part"
    """A part of the model: a transformer, a text encoder, an adapter."""


class FactDeclaration(Struct, frozen=True):
    """One entry of the registry.

    `notation` is how a number is written. `provide` says what the user must give when the fact is unknown.
    `critical_samples` and `major_samples` are how many independent observations an estimate needs before a finding on
    it may be that severe; None: no cap.
    """

    name: str
    type: FactType
    unit: str
    subject: SubjectKind
    meaning: str
    provide: str
    critical_samples: int | None = None
    major_samples: int | None = None
    notation: Notation = Notation.NUMBER
    serves: str = ""
    """Who reads it, where no rule, no rival explanation and no row of the settings does."""


class SettingDeclaration(Struct, frozen=True):
    """A setting of a training that facts, rules and recipes name. `of`: the list or section whose entries have it."""

    name: str
    type: str
    unit: str
    meaning: str
    of: str | None = None

    @property
    def is_part(self) -> bool:
        """Whether it is a whole section or list, which no change writes."""
        return self.type in {"section", "list"}


def is_conclusion(name: str) -> bool:
    """Return whether a name is one that rules derive; no fact may be declared under it."""
    return name.startswith(("symptom.", "cause."))


def type_of(value: Scalar) -> FactType:
    """Return the type of a value; a truth value is no number."""
    if isinstance(value, bool):
        return FactType.BOOL
    return FactType.TEXT if isinstance(value, str) else FactType.NUMBER
