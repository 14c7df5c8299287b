from typing import Any

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.root import TRAINING_TYPES, Root, find_root


def config(*processes: Any) -> dict[str, Any]:
    return {"config": {"process": list(processes)}}


LINES = {"config": 2, "config.process": 3}


@pytest.mark.parametrize("kind", sorted(TRAINING_TYPES))
def test_the_first_training_process_is_the_root(kind: str) -> None:
    assert find_root(config({"type": "super_tagger"}, None, {"type": kind}), LINES) == Root("config.process[2]")


def test_a_type_nobody_knows_is_taken_if_there_is_no_other() -> None:
    assert find_root(config("x", {"type": "mine"}, {}), LINES) == Root("config.process[1]")
    assert find_root(config({"type": ["sd_trainer"]}), LINES) == Root("config.process[0]")


def test_further_training_processes_are_named() -> None:
    entry = {"type": "sd_trainer"}
    assert find_root(config(entry, {}, entry), LINES) == Root("config.process[0]", ("config.process[2]",))


@pytest.mark.parametrize("section", ["train", "network", "model"])
def test_a_file_may_be_the_entry_itself(section: str) -> None:
    assert find_root({section: {"x": 1}}, {section: 1}) == Root("")


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
        find_root(data, {path: LINES[path] for path in present})
