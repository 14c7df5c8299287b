"""The knowledge beside the rules: facts, parameters, recipes and claims, read from `knowledge/` and frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from diagnose.core.model import Scalar
from diagnose.rulebase.checklist import ChecklistEntry
from diagnose.rulebase.derived import Scaling, scaled
from diagnose.rulebase.domain import NO_DOMAIN, Domain
from diagnose.rulebase.effective_rows import EffectiveRow
from diagnose.rulebase.exclusive import Question
from diagnose.rulebase.grades import Standing
from diagnose.rulebase.names import CLAIM_ID
from diagnose.rulebase.plan import PlanItem
from diagnose.rulebase.registry import FactDeclaration
from diagnose.rulebase.rivals import Rival
from diagnose.rulebase.rule import Param
from diagnose.rulebase.traps import Trap

_CITATION = re.compile(rf"\b{CLAIM_ID}\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the source document. `needs` is the evidence that decides it; `values` its figures."""

    id: str
    kind: str
    says: str
    needs: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one strategy writes into the next config, by the names that changes use."""

    name: str
    claims: tuple[str, ...]
    values: Mapping[str, Scalar]
    named: Mapping[str, str] = field(default_factory=dict)
    """The keys whose value is a parameter's, with its name."""
    scaling: Scaling | None = None
    """How the rates follow the wanted ratio; None where they do not."""

    def under(self, params: Mapping[str, Param]) -> Recipe:
        """Return the recipe as it is with these parameters."""
        rates = scaled(self.scaling, params) if self.scaling is not None else {}
        return replace(self, values={**self.values, **{k: params[n].value for k, n in self.named.items()}, **rates})


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that rules, facts and verdict look up. `meanings` says in words what a shared parameter is."""

    facts: Mapping[str, FactDeclaration] = field(default_factory=dict)
    parameters: Mapping[str, Param] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    checklist: Mapping[str, ChecklistEntry] = field(default_factory=dict)
    plan: Mapping[str, tuple[PlanItem, ...]] = field(default_factory=dict)
    rivals: Mapping[str, Rival] = field(default_factory=dict)
    motion_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effective: Mapping[str, tuple[EffectiveRow, ...]] = field(default_factory=dict)
    traps: Mapping[int, Trap] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    domains: Mapping[str, Domain] = field(default_factory=dict)

    @property
    def domain(self) -> Domain:
        """The domain that runs are judged in: the first one, since no reading says yet which domain a run is of."""
        return next(iter(self.domains.values()), NO_DOMAIN)


def cited_claims(text: str) -> list[str]:
    """Return the claim ids within a text, in order."""
    return [found.group() for found in _CITATION.finditer(text)]
