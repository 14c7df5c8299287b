"""The shape of a rule file: which keys it has and what each may hold.

Unknown keys are errors everywhere. `build` turns a shape into a frozen `Rule`; the lints judge what the parts mean
together.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from diagnose.core.values import Confidence, Intent, Severity, Stage
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.reading.conditions import ComparisonShape, ConditionShape, Subject
from diagnose.rulebase.reading.shapes import (
    MAX_PARTS,
    AnyScalar,
    Chosen,
    ClaimId,
    Conclusion,
    FactName,
    Given,
    Listed,
    Prose,
    RuleId,
    RuleName,
    ScalarOrNull,
    Shape,
    Some,
    Sources,
    Title,
    TrainerName,
    Version,
    Word,
)
from diagnose.rulebase.rule import Applicability, ChangeOp, Meaning


class ShownShape(Shape):
    """`{fact: log.lr_first, of: high, as: first}`: shown where it is known; nothing is asked of it.

    Without `as` it stands in the evidence only.
    """

    fact: FactName
    of: Subject = "run"
    as_: Word | None = Field(None, alias="as")


class AnyShape(Shape):
    """At least one of the alternatives holds."""

    any: Annotated[list[ConditionShape], Field(min_length=2, max_length=MAX_PARTS)]


ClauseShape: TypeAlias = Annotated[
    Annotated[AnyShape, Tag("any of")] | Annotated[ConditionShape, Tag("a condition")],
    Discriminator(lambda value: "any of" if isinstance(value, dict) and "any" in value else "a condition"),
]


class GradeShape(ComparisonShape):
    """`{severity: critical, of: alias, lt: 0.004}`."""

    severity: Chosen[Severity]
    of: Word

    @model_validator(mode="after")
    def _one_operator(self) -> GradeShape:
        if len(self.operands()) != 1:
            raise PydanticCustomError("operators", "a grade has exactly one operator")
        return self


class ParamShape(Shape):
    """A threshold and where it comes from; `source` names claims or a reference to trainer code or literature."""

    value: AnyScalar
    unit: str
    source: Sources
    runs: Annotated[int, Field(ge=0)] | None


class ChangeShape(Shape):
    """A change of a setting, as `ChangeSpec` has it. `set` and `ensure` write exactly one of value, recipe and fact."""

    setting: str = ""
    entry: str = "{subject}"
    op: Chosen[ChangeOp]
    because: Prose
    applicability: Chosen[Applicability]
    value: AnyScalar | None = None
    recipe: str | None = None
    fact: Word | None = None
    yields: bool = False
    states: RuleName | None = None

    @model_validator(mode="after")
    def _one_value(self) -> ChangeShape:
        given = sum(each is not None for each in (self.value, self.recipe, self.fact))
        if given != (self.op in {ChangeOp.SET, ChangeOp.ENSURE}):
            text = "op set and ensure take exactly one of value, recipe and fact; remove and advise take none"
            raise PydanticCustomError("change", text)
        if not self.setting and self.op is not ChangeOp.ADVISE:
            raise PydanticCustomError("change", "name the setting, like save_every; only op advise has none")
        return self


class ExpectShape(Shape):
    """What a case expects. `missing`: the facts a rule that could not be evaluated must ask for."""

    fires: bool
    subjects: Listed[str] | None = None
    message: str | None = None
    severity: Chosen[Severity] | None = None
    missing: Listed[FactName] = Field(default_factory=list)


GivenFacts: TypeAlias = Annotated[dict[Given, ScalarOrNull], Field(max_length=MAX_PARTS)]
"""Values of facts, by `fact` or `fact@subject`."""


class CaseShape(Shape):
    """One test case: `given` holds what differs from the rule's `base`; `null` means known to be unknown."""

    name: Prose
    given: GivenFacts = Field(default_factory=dict)
    expect: ExpectShape


Intents: TypeAlias = Annotated[
    Some[Chosen[Intent]],
    BeforeValidator(lambda value: [intent.value for intent in Intent] if value == ANY else value),
]
Trainers: TypeAlias = Annotated[Some[TrainerName], BeforeValidator(lambda value: [ANY] if value == ANY else value)]


class RuleShape(Shape):
    """One rule file. Which domain, intents and trainers it is about is always stated; `any` means all of them."""

    id: RuleId
    name: RuleName
    title: Title
    headline: Prose = ""
    stage: Chosen[Stage]
    status: Literal["experimental", "test", "stable"]
    since: Version
    domain: Word
    intent: Intents
    trainers: Trainers
    severity: Chosen[Severity] | None = None
    grades: Listed[GradeShape] = Field(default_factory=list)
    confidence: Chosen[Confidence]
    as_sure_as: Word | None = None
    why: Prose
    known_problems: Some[Prose]
    claims: Listed[ClaimId] = Field(default_factory=list)
    sources: Annotated[Sources, Field(max_length=MAX_PARTS)] = Field(default_factory=list)
    params: Annotated[dict[Word, ParamShape], Field(max_length=MAX_PARTS)] = Field(default_factory=dict)
    applies: Listed[ConditionShape] = Field(default_factory=list)
    when: Some[ClauseShape]
    unless: Listed[ConditionShape] = Field(default_factory=list)
    show: Listed[ShownShape] = Field(default_factory=list)
    message: Prose = ""
    states: RuleName | None = None
    derives: Listed[Conclusion] = Field(default_factory=list)
    explains: Listed[RuleName] = Field(default_factory=list)
    explained_by: Word | None = None
    topic: Word | None = None
    holds_back: Listed[Word] = Field(default_factory=list)
    means: Listed[Chosen[Meaning]] = Field(default_factory=list)
    changes: Listed[ChangeShape] = Field(default_factory=list)
    base: GivenFacts = Field(default_factory=dict)
    tests: Some[CaseShape]

    @model_validator(mode="after")
    def _rests_on_something(self) -> RuleShape:
        if not self.claims and not self.sources:
            text = "cite claims of the write-up, or name other sources under sources: trainer code, your own runs"
            raise PydanticCustomError("basis", text)
        return self
