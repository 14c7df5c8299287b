"""Frozen values to JSON and back: a checked rule base as text, so that it need not be parsed and checked again.

Only what a rule base is made of has a form: plain scalars, tuples, lists, mappings, sets, paths, and the frozen
dataclasses and enums of the modules named in HOMES. Nothing else is ever built from a stored text, whatever it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = "list[Any] | dict[str, Any] | str | int | float | bool | None"

HOMES = ("diagnose.core.values", "diagnose.rulebase.")
"""Where a class must live to be rebuilt: these modules, or, with a dot at the end, those below them."""
TUPLE, LIST, MAPPING, SET, PATH, RECORD, ENUM = range(7)
"""What a JSON list stands for, by its first element."""


class FormError(ValueError):
    """A value that has no form here, or a text that is none of ours."""


def to_plain(value: object) -> Json:
    """Return a value as JSON: {"classes": names, "value": form}.

    Raises:
        FormError: it holds something that a rule base is not made of.
    """
    classes: dict[type, int] = {}
    form = _form(value, classes)
    return {"classes": [f"{each.__module__}:{each.__qualname__}" for each in classes], "value": form}


def from_plain(stored: Any) -> Any:  # noqa: ANN401 - whatever was stored
    """Return the value that `to_plain` made this of.

    Raises:
        FormError: it was made by another version, or by somebody else.
    """
    try:
        return _Rebuilder([_class(name) for name in stored["classes"]]).value(stored["value"])
    except (LookupError, TypeError, ValueError, AttributeError, ImportError, RecursionError) as error:
        raise FormError(f"not a rule base of this version: {error}") from error


def _form(value: Any, classes: dict[type, int]) -> Json:  # noqa: ANN401 - any frozen value
    if value is None or type(value) in {bool, int, float, str}:
        return value  # type: ignore[no-any-return]  # a JSON scalar, as was just seen
    if isinstance(value, Enum):
        return [ENUM, _index(type(value), classes), value.value]
    return [*_label(value, classes), *(_form(part, classes) for part in _parts(value))]


def _label(value: object, classes: dict[type, int]) -> list[int]:
    if _is_value(type(value)):
        return [RECORD, _index(type(value), classes)]
    for kind, label in ((tuple, TUPLE), (list, LIST), (Mapping, MAPPING), (frozenset, SET), (Path, PATH)):
        if isinstance(value, kind):
            return [label]
    raise FormError(f"{type(value).__name__} has no form in a stored rule base")


def _parts(value: Any) -> Iterable[Any]:  # noqa: ANN401 - any frozen value
    if _is_value(type(value)):
        return [getattr(value, name) for name in type(value).__match_args__]
    if isinstance(value, Mapping):
        return chain.from_iterable(value.items())
    if isinstance(value, frozenset):
        return sorted(value)
    return [str(value)] if isinstance(value, Path) else value


def _index(kind: type, classes: dict[type, int]) -> int:
    return classes.setdefault(kind, len(classes))


def _class(name: str) -> type:
    module, _, qualified = name.partition(":")
    if not any(module == home or (home.endswith(".") and module.startswith(home)) for home in HOMES):
        raise FormError(f"{module} is no home of a rule base's values")
    found = getattr(import_module(module), qualified)
    if not isinstance(found, type) or not (_is_value(found) or issubclass(found, Enum)):
        raise FormError(f"{name} is no frozen value")
    return found


def _is_value(kind: type) -> bool:
    """Return whether a class is a frozen value, which is made of its fields in order."""
    return hasattr(kind, "__match_args__") and not issubclass(kind, tuple)


class _Rebuilder:
    """Builds values from their forms; one for each stored text, for its classes.

    Scalars stand for themselves, and are most of a rule base: they are taken where they stand.
    """

    def __init__(self, classes: list[type]) -> None:
        self._classes = classes
        self._build: tuple[Callable[[list[Any]], Any], ...] = (
            lambda form: tuple(self._all(form, 1)),
            lambda form: self._all(form, 1),
            lambda form: dict(zip(self._all(form[1::2], 0), self._all(form[2::2], 0), strict=True)),
            lambda form: frozenset(self._all(form, 1)),
            lambda form: Path(form[1]),
            lambda form: self._classes[form[1]](*self._all(form, 2)),
            lambda form: self._classes[form[1]](form[2]),
        )

    def value(self, form: Any) -> Any:  # noqa: ANN401 - any frozen value
        return self._build[form[0]](form) if type(form) is list else form

    def _all(self, form: list[Any], start: int) -> list[Any]:
        build = self._build
        return [build[part[0]](part) if type(part) is list else part for part in form[start:]]
