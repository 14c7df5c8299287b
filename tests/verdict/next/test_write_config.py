"""The next config is the user's text with the changes in it, and the same data is what is judged ahead of the run."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from builders import config_of

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.sources.readings import ConfigReading
from diagnose.verdict.judgement import Change
from diagnose.verdict.next.write_config import edits_of, marked, revised, waiting_in, written


def change(path: str, new: Scalar | None, op: ChangeOp = ChangeOp.SET, *rules: str) -> Change:
    return Change(path, op, None, new, "so", (), Applicability.SAFE, rules)


def test_what_is_judged_ahead_is_what_is_written(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 3000, "ema": 1})
    changes = (change("train.steps", 2200), change("train.ema", None, ChangeOp.REMOVE), change("save.save_every", 100))
    text = written(config, changes)
    assert yaml.safe_load(text) == revised(config, changes).reading.data
    assert config.reading.data["config"]["process"][0]["train"]["steps"] == 3000


def test_a_key_that_goes_makes_room_for_what_stands_below_it() -> None:
    asked = (change("a", None, ChangeOp.REMOVE), change("a.b", 1), change("c", None, ChangeOp.REMOVE))
    assert [(edit.path, edit.remove) for edit in edits_of(asked, ConfigReading("a.yaml", "", {}, "", {}))] == [
        ("a.b", False),
        ("c", True),
    ]
    beside = (change("a", None, ChangeOp.REMOVE), change("ab", 1))
    assert [edit.path for edit in edits_of(beside, ConfigReading("a.yaml", "", {}, "root", {}))] == [
        "root.a",
        "root.ab",
    ]


def test_what_waits_is_named_in_yaml_alone(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 3000})
    assert written(config, (), ("train.lr",)).startswith("# diagnose: these wait until this has run: train.lr\n")


def test_what_cannot_be_edited_names_who_wants_it(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 3000})
    deep = (change("train.steps.x", 1, ChangeOp.SET, "a", "b"), change("train.lr", 1, ChangeOp.SET, "c"))
    with pytest.raises(DiagnoseError, match=r"edit it by hand \(asked for by a, b\)$"):
        written(config, deep)


def test_the_comment_is_written_once_and_read_back() -> None:
    text = marked("\ufeffjob: extension\r\n", ["train.steps", "train.lr", "train.lr"], "\r\n")
    assert text == "\ufeff# diagnose: these wait until this has run: train.steps, train.lr\r\njob: extension\r\n"
    assert waiting_in(text) == {"train.steps", "train.lr"}
    assert marked(text, ["save.save_every"], "\r\n").count("# diagnose") == 1
    assert marked(text, [], "\r\n") == "\ufeffjob: extension\r\n"
