# ruff: noqa: ANN401, SLF001 - fields hold anything, and the marks of the standard library are private
"""Frozen values: `dataclass`, `field` and `replace` of the standard library, without what they cost at import.

The standard decorator writes and compiles six methods for each class, and needs `inspect` for it. There are some 250
classes here, and that was half of the time in which a short command starts. Here all classes share the methods that
read fields, and `__init__` is compiled once a class has more than a few values. Values behave the same, and
`dataclasses.fields`, `replace` and `asdict` take them.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

__all__ = ["dataclass", "field", "replace"]

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    def dataclass(cls: Any = None, /, **options: bool):  # noqa: ANN201 - see above
        """Return the class as one of values, with the options of `Kind`; without a class, the decorator."""
        kind = Kind(**options)
        return _made(cls, kind) if cls is not None else lambda cls: _made(cls, kind)

    def field(*, default_factory: Any, kw_only: bool = False) -> Any:
        """Return a field whose default is made anew for each value; `kw_only`: it is given by name only."""
        return _Field(factory=default_factory, kw_only=kw_only)

    def replace(value: Any, /, **changes: Any) -> Any:
        """Return the value with other values in some fields."""
        return value.__class__(**{name: getattr(value, name) for name in value.__frozen_fields__} | changes)


class Kind(NamedTuple):
    """How values of a class behave; what each option means is as in `dataclasses`."""

    frozen: bool = False
    slots: bool = False
    order: bool = False
    eq: bool = True
    kw_only: bool = False


class _Field:
    """A field's default or the function that makes one; `...` for neither."""

    __slots__ = ("default", "factory", "kw_only")

    def __init__(self, default: object = ..., factory: Any = ..., kw_only: bool = False) -> None:  # noqa: FBT001, FBT002
        self.default, self.factory, self.kw_only = default, factory, kw_only

    @property
    def optional(self) -> bool:
        return self.default is not ... or self.factory is not ...


class _StandardFields:
    """The fields as `dataclasses` has them, made when one of its functions asks."""

    def __get__(self, _: object, cls: Any) -> dict[str, Any]:
        import dataclasses as standard  # noqa: PLC0415 - a short command never comes here

        found = {}
        for name, each in cls.__frozen_fields__.items():
            made: Any = standard.field(
                default=standard.MISSING if each.default is ... else each.default,
                default_factory=standard.MISSING if each.factory is ... else each.factory,
                kw_only=each.kw_only,
            )
            made.name, made.type = name, _annotation(cls, name)
            made._field_type = standard._FIELD  # type: ignore[attr-defined]  # how it marks a field
            found[name] = made
        cls.__dataclass_fields__ = found
        return found


def _made(cls: Any, kind: Kind) -> Any:
    members = dict(cls.__dict__)
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= base.__dict__.get("__frozen_fields__", {})
    own = [name for name, text in cls.__annotations__.items() if not str(text).startswith("ClassVar")]
    for name in own:
        default = members.get(name, ...)
        fields[name] = default if isinstance(default, _Field) else _Field(default)
        fields[name].kw_only |= kind.kw_only
        if isinstance(default, _Field):
            members[name] = default.default
    plain = tuple(name for name, each in fields.items() if not each.kw_only)
    members |= {"__frozen_fields__": fields, "__match_args__": plain, "__dataclass_fields__": _StandardFields()}
    members["__frozen_key__"] = attrgetter(*fields, "__class__") if fields else type
    methods = [_repr, *((_eq,) if kind.eq else ()), *((_hash,) if kind.eq and kind.frozen else ())]
    methods += [*((_setattr, _delattr) if kind.frozen else ()), *(_ORDER if kind.order else ())]
    methods += [_getstate, _setstate] if kind.slots else []
    for method in methods:
        members[method.__name__] = cls.__dict__.get(method.__name__) or method
    if kind.eq and not kind.frozen:
        members["__hash__"] = None
    made = _with_slots(cls, own, members) if kind.slots else cls
    for name, value in members.items() if not kind.slots else ():
        if cls.__dict__.get(name) is not value:
            setattr(cls, name, value)
    made.__init__ = _init_when_needed(made, frozen=kind.frozen)
    return made


def _with_slots(cls: Any, own: list[str], members: dict[str, Any]) -> Any:
    """Return the class anew: slots cannot be added to one that is there."""
    taken = {name for base in cls.__mro__[1:] for name in base.__dict__.get("__slots__", ())}
    kept = {name: value for name, value in members.items() if name not in {*own, "__dict__", "__weakref__"}}
    slots = {"__slots__": tuple(name for name in own if name not in taken), "__qualname__": cls.__qualname__}
    return type(cls)(cls.__name__, cls.__bases__, kept | slots)


def _annotation(cls: type, name: str) -> object:
    return next(each.__annotations__[name] for each in cls.__mro__[:-1] if name in each.__annotations__)


FEW = 16
"""To fill so many values field by field takes less time than to compile an `__init__`."""


def _init_when_needed(cls: Any, *, frozen: bool) -> Any:
    """Return an `__init__` that fills the first few values itself, and then has a compiled one take its place.

    Arguments that do not fit go to the compiled one as well: Python words the error.
    """
    made = 0

    def __init__(self: object, *args: object, **named: object) -> None:  # noqa: N807 - so it is called in tracebacks
        nonlocal made
        made += 1
        values = _given(cls, args, named) if made <= FEW else None
        if values is None:
            cls.__init__ = _compiled(cls, frozen=frozen)
            cls.__init__(self, *args, **named)
            return
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()  # type: ignore[attr-defined]  # as was just seen

    return __init__


def _given(cls: Any, args: tuple[object, ...], named: dict[str, object]) -> dict[str, object] | None:
    """Return what is given for each field, or its default; None where the arguments do not fit the fields."""
    fields: dict[str, _Field] = cls.__frozen_fields__
    given = dict(zip(cls.__match_args__, args)) | named  # noqa: B905 - too many are seen by their number
    if len(given) < len(args) + len(named) or not given.keys() <= fields.keys():
        return None
    values: dict[str, object] = {}
    for name, each in fields.items():
        if name not in given and not each.optional:
            return None
        values[name] = given[name] if name in given else each.default if each.factory is ... else each.factory()
    return values


def _compiled(cls: Any, *, frozen: bool) -> Any:
    fields: dict[str, _Field] = cls.__frozen_fields__
    known: dict[str, Any] = {"_unset": _Field}
    plain: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for name, each in fields.items():
        known[f"_d_{name}"] = each.default
        value = name
        if each.factory is not ...:
            known[f"_d_{name}"], known[f"_f_{name}"] = _Field, each.factory
            value = f"_f_{name}() if {name} is _unset else {name}"
        (named if each.kw_only else plain).append(f"{name}=_d_{name}" if each.optional else name)
        descriptor: Any = getattr(cls, name, None)
        if not frozen:
            lines.append(f" self.{name} = {value}")
        elif hasattr(descriptor, "__set__"):  # a slot: its own setter is the quickest
            known[f"_s_{name}"] = descriptor.__set__
            lines.append(f" _s_{name}(self, {value})")
        else:
            known["_set"] = object.__setattr__
            lines.append(f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ", ".join(["self", *plain, *(["*", *named] if named else [])])
    exec(f"def __init__({parameters}):\n" + ("\n".join(lines) or " pass"), known)  # noqa: S102 - our own field names
    made = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _named(name: str) -> Callable[[F], F]:
    def renamed(function: F) -> F:
        function.__name__ = name
        return function

    return renamed


@_named("__repr__")
def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__frozen_fields__)
    return f"{self.__class__.__qualname__}({shown})"


@_named("__eq__")
def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    key = self.__frozen_key__
    return key(self) == key(other)


@_named("__hash__")
def _hash(self: Any) -> int:
    return hash(self.__frozen_key__(self))


@_named("__setattr__")
def _setattr(_: object, name: str, __: object) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - a slip in the program alone comes here

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


@_named("__delattr__")
def _delattr(_: object, name: str) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - as above

    raise FrozenInstanceError(f"cannot delete field {name!r}")


@_named("__getstate__")
def _getstate(self: Any) -> list[object]:
    return [getattr(self, name) for name in self.__frozen_fields__]


@_named("__setstate__")
def _setstate(self: Any, state: list[object]) -> None:
    for name, value in zip(self.__frozen_fields__, state, strict=True):
        object.__setattr__(self, name, value)


def _ordered(name: str) -> Any:
    @_named(name)
    def compare(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        key = self.__frozen_key__
        return getattr(key(self), name)(key(other))

    return compare


_ORDER = tuple(map(_ordered, ("__lt__", "__le__", "__gt__", "__ge__")))
