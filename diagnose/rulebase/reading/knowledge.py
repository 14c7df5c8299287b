"""The knowledge beside the rules: facts, parameters, recipes and claims, read from `knowledge/` and frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.core.model import Scalar
from diagnose.rulebase.bounds import asked_for, crossed, fits
from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.derived import Scaling, settled
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.files import SourceFile
from diagnose.rulebase.knowledge import Claim, Knowledge, Recipe, cited_claims
from diagnose.rulebase.message import with_shared
from diagnose.rulebase.reading.checklist import CHECKLIST_FILE, read_checklist
from diagnose.rulebase.reading.domains import DOMAINS, read_domain
from diagnose.rulebase.reading.effective_rows import EFFECTIVE_FILE, read_rows
from diagnose.rulebase.reading.exclusive import EXCLUSIVE_FILE, read_questions
from diagnose.rulebase.reading.facts import read_facts
from diagnose.rulebase.reading.grades import GRADES_FILE, read_grades
from diagnose.rulebase.reading.motion_words import MOTION_WORDS_FILE, read_motion_words
from diagnose.rulebase.reading.operands import resolve
from diagnose.rulebase.reading.plan import PLAN_FILE, read_plan
from diagnose.rulebase.reading.rivals import RIVALS_FILE, read_rivals
from diagnose.rulebase.reading.schema import ParamShape, Shape
from diagnose.rulebase.reading.spelling import AnyScalar, ClaimId, Prose, Word
from diagnose.rulebase.reading.traps import TRAPS_FILE, read_traps
from diagnose.rulebase.reading.validation import nearest, validate
from diagnose.rulebase.rule import Follows, Param
from diagnose.rulebase.yaml_places import Document

K = TypeVar("K")


T = TypeVar("T")


class _FollowsShape(Shape):
    of: Annotated[list[Word], Field(min_length=1)]
    times: float = 1.0
    over: Annotated[float, Field(gt=0)] = 1.0


class _SharedParamShape(ParamShape):
    """A shared parameter: `value` is a number of its own, `follows` says how it is worked out from others."""

    value: AnyScalar | None = None  # type: ignore[assignment]  # a rule's own parameter always has one
    follows: _FollowsShape | None = None
    meaning: Prose
    least: float | None = None
    whole: bool = False

    @model_validator(mode="after")
    def _one_home(self) -> _SharedParamShape:
        if (self.value is None) == (self.follows is None):
            raise PydanticCustomError("parameter", "give a value, or under follows what it is worked out from")
        return self


class _ScaleShape(Shape):
    comes_to: Annotated[float, Field(gt=0)]
    wanted: Annotated[list[Word], Field(min_length=2, max_length=2)]
    raised: list[Word]
    lowered: list[Word]


class _RecipeShape(Shape):
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    scale: _ScaleShape | None = None
    values: dict[Word, AnyScalar]


class _RecipesShape(Shape):
    recommended: _RecipeShape
    conservative: _RecipeShape


class _ClaimShape(Shape):
    id: ClaimId
    kind: Word
    says: Prose
    needs: list[Word]
    values: dict[Word, Any] = Field(default_factory=dict)


class _ClaimsShape(Shape):
    version: int
    case: dict[Word, str]
    claims: list[_ClaimShape]


def read_knowledge(folder: Path, files: Iterable[SourceFile]) -> tuple[Knowledge, list[Fault]]:
    """Return what the registries among the files say, and all their faults; a faulty part may be empty."""
    by_name = {file.name: file for file in files}
    faults: list[Fault] = []

    def part(name: str, read: Callable[[Document], tuple[Mapping[K, T], list[Fault]]]) -> Mapping[K, T]:
        if name not in by_name:
            faults.append(Fault(str(folder / name), 1, "this file of the knowledge is missing"))
            return {}
        document, unreadable = by_name[name].document()
        found, wrong = read(document) if document is not None else ({}, [])
        faults.extend([*unreadable, *wrong])
        return found

    def optional(name: str, read: Callable[[Document], tuple[Mapping[K, T], list[Fault]]]) -> Mapping[K, T]:
        # a rule base of one's own may do without these
        return part(name, read) if name in by_name else {}

    claims = part("claims.yaml", _read_claims)
    index = None if faults else claims  # a faulty index would make every citation seem wrong
    shared = part("parameters.yaml", lambda document: _read_parameters(document, index))
    parameters = {name: param for name, (param, _) in shared.items()}
    declared = part("facts.yaml", read_facts)
    knowledge = Knowledge(
        facts=declared,
        parameters=parameters,
        meanings={name: meaning for name, (_, meaning) in shared.items()},
        recipes=part("recipes.yaml", lambda document: _read_recipes(document, index, parameters)),
        claims=claims,
        standings=optional(GRADES_FILE, lambda document: read_grades(document, claims)),
        checklist=optional(CHECKLIST_FILE, read_checklist),
        plan=optional(PLAN_FILE, read_plan),
        # without the parameters every rival would seem to be at fault
        rivals=optional(RIVALS_FILE, lambda document: read_rivals(document, parameters)) if parameters else {},
        motion_words=optional(MOTION_WORDS_FILE, read_motion_words),
        effective=optional(EFFECTIVE_FILE, lambda document: read_rows(document, declared)),
        traps=optional(TRAPS_FILE, read_traps),
        questions=optional(EXCLUSIVE_FILE, read_questions),
        domains={
            domain: found
            for name in by_name
            if name.startswith(f"{DOMAINS}/")
            for domain, found in part(name, read_domain).items()
        },
    )
    if parameters:
        faults += [Fault(str(folder / name), 1, text) for name, text in _unnamed(knowledge)]
    return knowledge, faults


def _unnamed(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Yield the file and what is wrong for each text of plan and checklist that names a parameter there is none of."""
    texts = [(PLAN_FILE, item.says) for items in knowledge.plan.values() for item in items]
    texts += [(CHECKLIST_FILE, text) for each in knowledge.checklist.values() for text in (each.says, each.ask or "")]
    for file, text in texts:
        wrong = _wrongly_named(text, knowledge.parameters)
        if wrong is not None:
            yield file, f"{text[:60]}: {wrong}"


def _wrongly_named(text: str, params: Mapping[str, Param]) -> str | None:
    try:
        with_shared(text, params)
    except KeyError as error:
        return f"there is no parameter {error.args[0]}"
    except ValueError as error:
        return str(error)
    return None


def param_of(name: str, shape: ParamShape) -> Param:
    """Return a parameter as its file gives it."""
    return Param(name, shape.value, shape.unit, ", ".join(shape.source), shape.runs)


def _shared_param(name: str, shape: _SharedParamShape) -> Param:
    """Return a shared parameter; one that follows from others is 0 until it is worked out."""
    each = shape.follows
    follows = Follows(tuple(each.of), each.times, each.over) if each is not None else None
    value = shape.value if shape.value is not None else 0
    source = ", ".join(shape.source)
    return Param(name, value, shape.unit, source, shape.runs, least=shape.least, whole=shape.whole, follows=follows)


def unknown_claims(text: str, claims: Mapping[str, Claim] | None) -> list[str]:
    """Return a complaint for each claim id within the text that the index does not have; none without an index."""
    if claims is None:
        return []
    return [f"there is no claim {id_}{nearest(id_, claims)}" for id_ in cited_claims(text) if id_ not in claims]


def _read_claims(document: Document) -> tuple[Mapping[str, Claim], list[Fault]]:
    shape, faults = validate(_ClaimsShape.model_validate, document)
    claims: dict[str, Claim] = {}
    for index, each in enumerate(shape.claims if shape else ()):
        if each.id in claims:
            faults.append(document.fault(("claims", index, "id"), f"claim {each.id} stands already further up"))
        claims[each.id] = Claim(each.id, each.kind, each.says, tuple(each.needs), each.values)
    return claims, faults


def _read_parameters(
    document: Document, claims: Mapping[str, Claim] | None
) -> tuple[Mapping[str, tuple[Param, str]], list[Fault]]:
    shapes, faults = validate(TypeAdapter(dict[Word, _SharedParamShape]).validate_python, document)
    params = {name: _shared_param(name, shape) for name, shape in (shapes or {}).items()}
    own = {name for name, param in params.items() if param.follows is None}
    for name, param in params.items():
        for other in param.follows.names if param.follows is not None else ():
            if other not in own:
                text = f"{name}: follow a parameter with a value of its own{nearest(other, own)}"
                faults.append(document.fault((name, "follows"), text))
    if faults:
        return {}, faults
    shared = {name: (param, shapes[name].meaning) for name, param in settled(params).items()} if shapes else {}
    for name, (param, _) in shared.items():
        if not fits(param, param.value):
            faults.append(document.fault((name, "value"), f"{name}: give a {asked_for(param)}"))
        faults += [document.fault((name, "source"), f"{name}: {text}") for text in unknown_claims(param.source, claims)]
    for lower, _, text in crossed({name: param for name, (param, _) in shared.items()}):
        faults.append(document.fault((lower.name, "value"), text))
    return shared, faults


def _read_recipes(
    document: Document, claims: Mapping[str, Claim] | None, params: Mapping[str, Param]
) -> tuple[Mapping[str, Recipe], list[Fault]]:
    shape, faults = validate(_RecipesShape.model_validate, document)
    if shape is None or not params:  # without the parameters every name would seem to be wrong
        return {}, faults
    recipes = {}
    for name, each in shape:
        recipe, wrong = _recipe(name, each, params)
        recipes[name] = recipe
        faults += [document.fault((name,), text) for text in wrong]
    for name, recipe in recipes.items():
        cited = " ".join(recipe.claims)
        faults += [document.fault((name, "claims"), f"{name}: {text}") for text in unknown_claims(cited, claims)]
    keys = {key for recipe in recipes.values() for key in recipe.values}
    for name, recipe in recipes.items():
        lacking = sorted(keys - recipe.values.keys())
        faults += [document.fault((name,), f"{name} lacks {key}, which another strategy has") for key in lacking]
    return recipes, faults


def _recipe(name: str, shape: _RecipeShape, params: Mapping[str, Param]) -> tuple[Recipe, list[str]]:
    """Return a recipe with its parameters filled in, and what is wrong with it."""
    values: dict[str, Scalar] = {}
    named: dict[str, str] = {}
    wrong: list[str] = []
    for key, written in shape.values.items():
        try:
            values[key], param = resolve(written, params)
        except LookupError as error:
            wrong.append(f"{name}.{key}: {error}")
            continue
        if param is not None:
            named[key] = param
    scale = shape.scale
    if scale is not None:
        moved = [*scale.raised, *scale.lowered]
        wrong += [f"{name}: scale: there is no rate {key}" for key in moved if not is_number(values.get(key))]
        wrong += [f"{name}: scale: there is no parameter {each}" for each in scale.wanted if each not in params]
    if scale is None or wrong:
        return Recipe(name, tuple(shape.claims), values, named), wrong
    raised, lowered = ({key: float(values[key]) for key in keys} for keys in (scale.raised, scale.lowered))
    scaling = Scaling(scale.comes_to, (scale.wanted[0], scale.wanted[1]), raised, lowered)
    return Recipe(name, tuple(shape.claims), values, named, scaling), wrong
