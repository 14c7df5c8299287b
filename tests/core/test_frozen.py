"""Our frozen values behave as those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

import pytest

from diagnose.core import frozen as ours


def classes(kit: Any) -> dict[str, Any]:
    """The same classes made by one of the two kits."""

    @kit.dataclass(frozen=True, slots=True)
    class Point:
        """A point."""

        KIND: ClassVar[str] = "point"
        x: int
        y: int = 2
        tags: dict[str, int] = kit.field(default_factory=dict)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @kit.dataclass(frozen=True, slots=True)
    class Named(Point):
        name: str = ""
        more: dict[str, int] = kit.field(default_factory=dict, kw_only=True)

    @kit.dataclass(frozen=True, slots=True, order=True)
    class Fault:
        file: str
        line: int

        def __str__(self) -> str:
            return f"{self.file}:{self.line}"

    @kit.dataclass(frozen=True)
    class Plan:
        parts: tuple[int, ...]

        @cached_property
        def total(self) -> int:
            return sum(self.parts)

        def __post_init__(self) -> None:
            if not self.parts:
                raise ValueError("no parts")

    @kit.dataclass
    class Open:
        value: int = 1

    @kit.dataclass(slots=True)
    class Pile:
        items: list[int] = kit.field(default_factory=list)

    @kit.dataclass(frozen=True, slots=True, kw_only=True)
    class Model(Point):
        title: str
        more: str = ""

    @kit.dataclass(frozen=True, slots=True, eq=False)
    class Reader:
        name: str

    @kit.dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    return {each.__name__: each for each in (Point, Named, Fault, Plan, Pile, Open, Model, Reader, Nothing)}


@pytest.fixture(params=[ours, dataclasses], ids=["ours", "standard"])
def kit(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def made(kit: Any) -> dict[str, Any]:
    return classes(kit)


def test_a_value_takes_its_fields_in_order_or_by_name(made: dict[str, Any]) -> None:
    point = made["Point"](1)
    assert (point.x, point.y, point.tags, point.sum, point.KIND) == (1, 2, {}, 3, "point")
    assert point == made["Point"](y=2, x=1, tags={}) != made["Point"](1, 3)
    assert point.tags is not made["Point"](1).tags
    named = made["Named"](1, name="a", more={"b": 1})
    assert (named.x, named.y, named.name, named.more) == (1, 2, "a", {"b": 1})
    model = made["Model"](1, title="t")
    assert (model.x, model.y, model.title, model.more) == (1, 2, "t", "")
    assert made["Model"].__match_args__ == ("x", "y", "tags")
    with pytest.raises(TypeError):
        made["Model"](1, 2, {}, "t")
    assert repr(made["Fault"]("f", 3)).endswith("Fault(file='f', line=3)")
    assert str(made["Fault"]("f", 3)) == "f:3"
    assert made["Nothing"]() == made["Nothing"]()


def test_many_values_are_made_as_a_few_are(made: dict[str, Any]) -> None:
    for _ in range(2 * ours.FEW):
        assert made["Named"](1, name="a") == made["Named"](x=1, y=2, tags={}, name="a", more={})
        assert made["Plan"]((1, 2)).total == 3
        with pytest.raises(ValueError, match="no parts"):
            made["Plan"](())


@pytest.mark.parametrize("call", [lambda c: c(), lambda c: c(1, 2, {}, 4), lambda c: c(1, z=2), lambda c: c(1, x=2)])
def test_what_does_not_fit_is_a_type_error(made: dict[str, Any], call: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        call(made["Point"])


def test_a_value_cannot_be_changed(made: dict[str, Any]) -> None:
    for value in (made["Point"](1), made["Plan"]((1,))):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.x = 3
        with pytest.raises(dataclasses.FrozenInstanceError):
            del value.x
    assert not hasattr(made["Point"](1), "__dict__")
    assert made["Open"]().value == 1
    pile = made["Pile"]()
    pile.items = [1]
    assert pile == made["Pile"]([1])


def test_values_are_keys_and_have_an_order_where_that_is_wanted(made: dict[str, Any]) -> None:
    first, second = made["Fault"]("a", 9), made["Fault"]("b", 1)
    assert len({first, second, made["Fault"]("a", 9)}) == 2
    assert sorted([second, first]) == [first, second]
    assert first < second
    assert first <= second
    assert second > first
    assert second >= first
    with pytest.raises(TypeError):
        sorted([made["Pile"](), made["Pile"]()])
    with pytest.raises(TypeError):
        hash(made["Pile"]())
    assert made["Point"](1) != made["Named"](1)
    assert made["Reader"]("a") != made["Reader"]("a"), "it is itself alone"
    assert len({made["Reader"]("a"), made["Reader"]("a")}) == 2


def test_other_values_are_put_in_its_place(made: dict[str, Any], kit: Any) -> None:
    for change in (kit.replace, dataclasses.replace):
        assert change(made["Point"](1, 5), x=4) == made["Point"](4, 5)
        with pytest.raises(TypeError):
            change(made["Point"](1), z=4)
    assert kit.replace(made["Named"](1, more={"a": 1}), name="n").more == {"a": 1}


def test_what_is_checked_or_worked_out_stays_so(made: dict[str, Any]) -> None:
    assert made["Plan"]((1, 2)).total == 3
    with pytest.raises(ValueError, match="no parts"):
        made["Plan"](())


def test_the_standard_library_reads_them(made: dict[str, Any]) -> None:
    named = made["Named"](1, name="a")
    assert dataclasses.is_dataclass(named)
    assert [each.name for each in dataclasses.fields(named)] == ["x", "y", "tags", "name", "more"]
    assert [each.type for each in dataclasses.fields(made["Fault"])] == ["str", "int"]
    assert dataclasses.asdict(made["Named"](1, name="a")) == {"x": 1, "y": 2, "tags": {}, "name": "a", "more": {}}
    assert made["Fault"].__match_args__ == ("file", "line")


def test_values_are_copied(made: dict[str, Any]) -> None:
    point = made["Point"](1, tags={"a": 1})
    assert copy.copy(point) == copy.deepcopy(point) == point


@ours.dataclass(frozen=True, slots=True)
class Sent:
    """A value that another process may get."""

    text: str
    parts: tuple[int, ...] = ()


def test_values_go_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Sent("a", (1,)))) == Sent("a", (1,))  # noqa: S301 - our own
