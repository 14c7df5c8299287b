from typing import Any

import pytest

from diagnose.sources.config.content import Content
from diagnose.sources.config.name import fill_name


def content(name: Any, rest: Any) -> Content:
    return Content({"config": {"name": name}, "rest": rest}, {"config.name": 2, "rest": 3}, ())


def test_the_name_is_filled_in_everywhere() -> None:
    filled, remarks = fill_name(content("run1", {"a_[name]": ["x/[name]/[name]", 5, None]}), "config.yaml")
    assert filled.data["rest"] == {"a_run1": ["x/run1/run1", 5, None]}
    assert not remarks


def test_lines_follow_the_keys() -> None:
    before = Content({"config": {"name": "r"}, "[name]": 1}, {"config.name": 2, "[name]": 3}, ())
    assert fill_name(before, "config.yaml")[0].lines == {"config.name": 2, "r": 3}


def test_a_backslash_in_the_name_means_what_it_means_in_json() -> None:
    filled, _ = fill_name(content("a\\nb", "[name]"), "config.yaml")
    assert filled.data["rest"] == "a\nb"


@pytest.mark.parametrize("name", ['a"b', "a\\xb", "x" * 40_000])
def test_a_name_that_does_not_fit_is_remarked(name: str) -> None:
    before = content(name, ["[name]"] * 1000)
    filled, (remark,) = fill_name(before, "config.yaml")
    assert filled.data["rest"] == ["[name]"] * 1000
    assert remark.place.line == 2


def test_lines_count_towards_the_room_a_name_takes() -> None:
    lines = {"config.name": 2} | {f"[name][{number}]": 3 for number in range(20_000)}
    before = Content({"config": {"name": "x" * 4000}, "[name]": [0] * 20_000}, lines, ())
    assert fill_name(before, "config.yaml")[0] == before


@pytest.mark.parametrize("name", [None, 5])
def test_without_a_name_nothing_is_filled_in(name: Any) -> None:
    before = content(name, "[name]")
    assert fill_name(before, "config.yaml") == (before, ())
