"""`knowledge/parameters.yaml` and `recipes.yaml`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec.structs import replace
from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.core.errors import nearest
from diagnose.core.values import Scalar
from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.fact_declarations import SettingDeclaration
from diagnose.rulebase.knowledge import Claim, Recipe
from diagnose.rulebase.parameters import Scaling, asked_for, crossed, fits, settled
from diagnose.rulebase.reading.claim_files import unknown_claims
from diagnose.rulebase.reading.conditions import Conditions
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

    value: AnyScalar = 0
    follows: _FollowsShape | None = None
    meaning: Prose
    least: float | None = None
    whole: bool = False

    @model_validator(mode="after")
    def _one_home(self) -> _SharedParamShape:
        if ("value" in self.model_fields_set) == (self.follows is not None):
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
    """Return a parameter as its file gives it; a shared one that follows from others is 0 until it is worked out."""
    param = Param(name, shape.value, shape.unit, ", ".join(shape.source), shape.runs)
    if not isinstance(shape, _SharedParamShape):
        return param
    each = shape.follows
    follows = Follows(tuple(each.of), each.times, each.over) if each is not None else None
    return replace(param, least=shape.least, whole=shape.whole, follows=follows)


def read_parameters(document: Document, claims: Mapping[str, Claim] | None) -> Mapping[str, tuple[Param, str]]:
    """Return each shared parameter with its meaning, by name; `claims`: None where they are faulty."""
    shapes = validate(TypeAdapter(dict[Word, _SharedParamShape]).validate_python, document) or {}
    params = {name: param_of(name, shape) for name, shape in shapes.items()}
    own = {name for name, param in params.items() if param.follows is None}
    for name, param in params.items():
        for other in param.follows.names if param.follows is not None else ():
            if other not in own:
                document.note((name, "follows"), f"follow a parameter with a value of its own{nearest(other, own)}")
    if document.faults:
        return {}
    params = dict(settled(params))
    for name, param in params.items():
        if not fits(param, param.value):
            document.note((name, "value"), f"give {asked_for(param)}")
        for text in unknown_claims(param.source, claims):
            document.note((name, "source"), text)
    for lower, _, text in crossed(params):
        document.note((lower.name, "value"), text)
    return {name: (param, shapes[name].meaning) for name, param in params.items()}


def read_recipes(
    document: Document,
    claims: Mapping[str, Claim] | None,
    params: Mapping[str, Param],
    settings: Mapping[str, SettingDeclaration],
) -> Mapping[str, Recipe]:
    """Return the recipes by strategy, their parameters filled in.

    `values` are settings; `also` has figures that are none by themselves. Without declared settings any name will do.
    """
    shape = validate(_RecipesShape.model_validate, document)
    if shape is None or not params:  # without the parameters every name would seem to be wrong
        return {}
    recipes = {name: _recipe(name, each, params, document) for name, each in shape}
    keys = {key for recipe in recipes.values() for key in recipe.values}
    for name, each in shape:
        for setting in each.values if settings else ():
            if setting not in settings:
                text = f"{setting} is not declared in settings.yaml{nearest(setting, settings)}"
                document.note((name, "values", setting), text)
        for text in unknown_claims(" ".join(each.claims), claims):
            document.note((name, "claims"), text)
        for key in sorted(keys - recipes[name].values.keys()):
            document.note((name,), f"{key} is missing, which another strategy has")
    return recipes


def _recipe(name: str, shape: _RecipeShape, params: Mapping[str, Param], document: Document) -> Recipe:
    """Return a recipe with its parameters filled in; one that lacks some has no scaling."""
    values: dict[str, Scalar] = {}
    named: dict[str, str] = {}
    read = Conditions(document, params)
    for part, written in (("values", shape.values), ("also", shape.also)):
        for key, value in written.items():
            values[key], param = read.value((name, part, key), value)
            if param is not None:
                named[key] = param
    scale = shape.scale
    if scale is None:
        return Recipe(name, tuple(shape.claims), values, named)
    place = (name, "scale")
    for key in (*scale.raised, *scale.lowered):
        if not is_number(values.get(key)):
            document.note(place, f"there is no rate {key}")
    for each in scale.wanted:
        if each not in params:
            document.note(place, f"there is no parameter {each}{nearest(each, params)}")
    rates = {key: float(value) for key, value in values.items() if is_number(value)}
    raised, lowered = ({key: rates[key] for key in keys if key in rates} for keys in (scale.raised, scale.lowered))
    scaling = Scaling(scale.comes_to, (scale.wanted[0], scale.wanted[1]), raised, lowered)
    return Recipe(name, tuple(shape.claims), values, named, scaling)
