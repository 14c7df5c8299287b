"""`knowledge/parameters.yaml` and `recipes.yaml`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.core.values import Scalar
from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.fact_declarations import SettingDeclaration
from diagnose.rulebase.faults import Fault, nearest
from diagnose.rulebase.knowledge import Claim, Recipe
from diagnose.rulebase.parameters import Scaling, asked_for, crossed, fits, resolve, settled
from diagnose.rulebase.reading.claim_files import unknown_claims
from diagnose.rulebase.reading.schema import ParamShape
from diagnose.rulebase.reading.shapes import AnyScalar, ClaimId, Prose, SettingName, Shape, Word, validate
from diagnose.rulebase.rule import Follows, Param
from diagnose.rulebase.yaml_places import Document


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
    raised: list[SettingName]
    lowered: list[SettingName]


class _RecipeShape(Shape):
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    scale: _ScaleShape | None = None
    values: dict[SettingName, AnyScalar]
    also: dict[Word, AnyScalar] = Field(default_factory=dict)


class _RecipesShape(Shape):
    recommended: _RecipeShape
    conservative: _RecipeShape


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


def read_parameters(
    document: Document, claims: Mapping[str, Claim] | None
) -> tuple[Mapping[str, tuple[Param, str]], list[Fault]]:
    """Return each shared parameter with its meaning, by name, and every fault; `claims`: None where they are faulty."""
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


def read_recipes(
    document: Document,
    claims: Mapping[str, Claim] | None,
    params: Mapping[str, Param],
    settings: Mapping[str, SettingDeclaration],
) -> tuple[Mapping[str, Recipe], list[Fault]]:
    """Return the recipes by strategy, their parameters filled in, and every fault of the file.

    `values` are settings; `also` has figures that are none by themselves. Without declared settings any name will do.
    """
    shape, faults = validate(_RecipesShape.model_validate, document)
    if shape is None or not params:  # without the parameters every name would seem to be wrong
        return {}, faults
    recipes = {}
    for name, each in shape:
        recipe, wrong = _recipe(name, each, params)
        recipes[name] = recipe
        faults += [document.fault((name,), text) for text in wrong]
        for setting in each.values if settings else ():
            if setting not in settings:
                text = f"{name}.{setting} is not declared in settings.yaml{nearest(setting, settings)}"
                faults.append(document.fault((name, "values", setting), text))
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
    for key, written in {**shape.values, **shape.also}.items():
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
