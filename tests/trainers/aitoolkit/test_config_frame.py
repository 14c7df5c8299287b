from __future__ import annotations

from typing import Any

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import Content
from diagnose.trainers.aitoolkit.config_frame import TRAINING_TYPES, fill_name, find_roots


def config(*processes: Any) -> dict[str, Any]:
    return {"config": {"process": list(processes)}}


LINES = {"config": 2, "config.process": 3}


@pytest.mark.parametrize("kind", sorted(TRAINING_TYPES))
def test_the_first_training_process_is_the_root(kind: str) -> None:
    assert find_roots(config({"type": "super_tagger"}, None, {"type": kind}), LINES) == ["config.process[2]"]


def test_a_type_nobody_knows_is_taken_if_there_is_no_other() -> None:
    assert find_roots(config("x", {"type": "mine"}, {}), LINES) == ["config.process[1]"]
    assert find_roots(config({"type": ["sd_trainer"]}), LINES) == ["config.process[0]"]


def test_further_training_processes_are_named() -> None:
    entry = {"type": "sd_trainer"}
    assert find_roots(config(entry, {}, entry), LINES) == ["config.process[0]", "config.process[2]"]


@pytest.mark.parametrize("section", ["train", "network", "model"])
def test_a_file_may_be_the_entry_itself(section: str) -> None:
    assert find_roots({section: {"x": 1}}, {section: 1}) == [""]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "line 1: the config must be a mapping"),
        (None, "line 1: the config must be a mapping"),
        ({}, "line 1: no training process"),
        ({"train": 5}, "line 1: no training process"),
        ({"config": {"name": "x"}}, "line 2: no training process"),
        ({"config": {"process": None}}, "line 3: no training process"),
        (config(), "line 3: config.process holds no process entry"),
        (config("a", ["b"]), "line 3: config.process holds no process entry"),
        ({"config": {"process": {"type": "sd_trainer"}}}, "line 3: config.process must be a list"),
        ({"config": {}, "train": {"steps": 1}}, "line 2: no training process"),
    ],
)
def test_what_has_no_root_is_refused(data: Any, problem: str) -> None:
    present = ["config"] * ("config" in (data or {})) + ["config.process"] * ("process" in str(data))
    with pytest.raises(DiagnoseError, match=problem):
        find_roots(data, {path: LINES[path] for path in present})


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
