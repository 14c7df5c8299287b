"""The knowledge beside the rules, read from `knowledge/` and frozen: one value for each entry of a file."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import RUN, Confidence, Intent, Scalar
from diagnose.rulebase.crash_kinds import CrashKind, Phase
from diagnose.rulebase.domain import NO_DOMAIN, Domain
from diagnose.rulebase.environments import BadCombination
from diagnose.rulebase.fact_declarations import FactDeclaration, SettingDeclaration
from diagnose.rulebase.graphics_cards import GraphicsCard
from diagnose.rulebase.parameters import Scaling, scaled_rates
from diagnose.rulebase.rivals import Rival
from diagnose.rulebase.rule import CLAIM_ID, Condition, Param, Test


class EvidenceGrade(str, Enum):
    """What stands behind a claim; the file's head says how sure a finding may be on it."""

    SINGLE_RUN = "single-run"
    CORROBORATED = "corroborated"
    REFINED = "refined"
    CONTESTED = "contested"
    CONTRADICTED = "contradicted"
    BY_CONSTRUCTION = "by-construction"


class Standing(Struct, frozen=True):
    """Where one claim stands. `because` is a sentence; `ceiling` is the highest confidence of a finding on it."""

    claim: str
    grade: EvidenceGrade
    because: str
    references: tuple[str, ...]
    ceiling: Confidence


class ChecklistEntry(Struct, frozen=True):
    """One item: the claim it restates, the rules that decide it by name, and a question for the user, if any.

    `says` is the item in words that name parameters; "" where the claim's own words do.
    `intent` is what the LoRA must be meant to learn for the item to matter; None for any.
    """

    claim: str
    section: str
    rules: tuple[str, ...]
    ask: str | None
    intent: Intent | None = None
    says: str = ""
    of_the_domain: bool = False
    """Whether it speaks of a figure that only a model of the domain has, so that it is not for another model."""


SPLIT = "split"
"""The part that is about runs of one expert alone."""


class PlanItem(Struct, frozen=True):
    """One piece of advice. `part` is keep, look, expect, stop, good, why, or split for runs of one expert alone."""

    part: str
    says: str
    claims: tuple[str, ...]
    intents: tuple[Intent, ...] = (Intent.MOTION,)
    where: str | None = None
    """A fact; where it is known to be false, the item does not reach the run."""


class Trap(Struct, frozen=True):
    """One way in which a config does something else than it seems to. `unseen`: what of it no rule sees, and why."""

    number: int
    says: str
    rules: tuple[str, ...]
    unseen: str | None


class Answer(Struct, frozen=True):
    """One answer: a name of its own, a sentence, and what parts of a report say to the same effect."""

    name: str
    says: str
    parts: tuple[str, ...]


class Question(Struct, frozen=True):
    """A question that a report answers in one way only; rules and advice name the answers they give.

    Attributes:
        asks: the question in words.
        words: regular expressions; an advice in which one is found speaks of the question.
        answers: those that exclude each other, the one that stands against all others first.
    """

    name: str
    asks: str
    words: tuple[str, ...]
    answers: tuple[Answer, ...]

    def standing(self, given: Iterable[str]) -> Answer | None:
        """Return the answer that stands among those that are given; None where none of them is to this question."""
        names = set(given)
        return next((answer for answer in self.answers if answer.name in names), None)


def questions_by_answer(questions: Mapping[str, Question]) -> dict[str, Question]:
    """Return the question that each answer answers."""
    return {answer.name: question for question in questions.values() for answer in question.answers}


class EffectiveRow(Struct, frozen=True):
    """One row of the table.

    Attributes:
        settings: by name, each a row of its own; "{subject}" is the key that the fact is about. A setting of an entry
            is the one of the entry that the fact is about.
        fact, of: what happens; `of` is "run", an expert, or "each" for a row per subject.
        tests: what the fact's value must pass for the row to be shown, as in a condition. Without any it must not be
            the value that was written.
        written: shown only where the key is written (true) or absent (false).
        where: what must hold besides, of the same subject where the fact is known of it, else of the run.
        happens: what happens in words; "{value}" (with a number format) and "{subject}" may stand in it.
            None: the fact's value itself.
        why: the reason, with the same placeholders; None: the fact's note.
    """

    settings: tuple[str, ...]
    fact: str
    of: str = RUN
    tests: tuple[Test, ...] = ()
    written: bool | None = None
    where: tuple[Condition, ...] = ()
    happens: str | None = None
    why: str | None = None


_CITATION = re.compile(rf"\b{CLAIM_ID}\b")


class Claim(Struct, frozen=True):
    """One statement of the source document. `needs` is the evidence that decides it; `values` its figures."""

    id: str
    kind: str
    says: str
    needs: tuple[str, ...]
    values: Mapping[str, Any]


class Recipe(Struct, frozen=True):
    """What one strategy writes into the next config, by the names that changes use."""

    name: str
    claims: tuple[str, ...]
    values: Mapping[str, Scalar]
    named: Mapping[str, str] = {}
    """The keys whose value is a parameter's, with its name."""
    scaling: Scaling | None = None
    """How the rates follow the wanted ratio; None where they do not."""

    def under(self, params: Mapping[str, Param]) -> "Recipe":
        """Return the recipe as it is with these parameters."""
        rates = scaled_rates(self.scaling, params) if self.scaling is not None else {}
        return replace(self, values={**self.values, **{k: params[n].value for k, n in self.named.items()}, **rates})


class Knowledge(Struct, frozen=True):
    """Everything that rules, facts and verdict look up. `meanings` says in words what a shared parameter is."""

    facts: Mapping[str, FactDeclaration] = {}
    settings: Mapping[str, SettingDeclaration] = {}
    trainers: Mapping[str, Mapping[str, Any]] = {}
    """Each trainer's description as plain data."""
    parameters: Mapping[str, Param] = {}
    meanings: Mapping[str, str] = {}
    recipes: Mapping[str, Recipe] = {}
    claims: Mapping[str, Claim] = {}
    standings: Mapping[str, Standing] = {}
    checklist: Mapping[str, ChecklistEntry] = {}
    plan: Mapping[str, tuple[PlanItem, ...]] = {}
    rivals: Mapping[str, Rival] = {}
    motion_words: Mapping[str, tuple[str, ...]] = {}
    glossary: Mapping[str, str] = {}
    """What the terms of a report mean, for beginners."""
    effective: Mapping[str, tuple[EffectiveRow, ...]] = {}
    traps: Mapping[int, Trap] = {}
    questions: Mapping[str, Question] = {}
    domains: Mapping[str, Domain] = {}
    crashes: Mapping[str, CrashKind] = {}
    """The kinds of crashes by id."""
    cards: Mapping[str, GraphicsCard] = {}
    """The graphics cards by name."""
    phases: Mapping[str, Phase] = {}
    """The phases of a run, in order."""
    environments: Mapping[str, BadCombination] = {}
    """Versions that do not go together, by id."""

    @property
    def keys(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Under which keys each trainer has the settings; of several the first is written."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for name, each in self.trainers.items():
            written = {setting: keys for setting, keys in each.get("settings", {}).items() if keys}
            found[name] = {setting: (k,) if isinstance(k, str) else tuple(k) for setting, k in written.items()}
        return found

    @property
    def domain(self) -> Domain:
        """The domain that runs are judged in: the first one, since no reading says yet which domain a run is of."""
        return next(iter(self.domains.values()), NO_DOMAIN)


def cited_claims(text: str) -> list[str]:
    """Return the claim ids within a text, in order."""
    return [found.group() for found in _CITATION.finditer(text)]
