"""A config as a file, a text or a mapping reads the same; what is none is one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from labelled_runs import DATA

from diagnose.core.errors import DiagnoseError
from diagnose.trainers.given_config import path_of, read_given

CONFIG = DATA / "fork-frozen" / "config.yaml"
TEXT = CONFIG.read_text(encoding="utf-8")


@pytest.mark.parametrize("source", [str(CONFIG), TEXT, yaml.safe_load(TEXT)])
def test_each_form_reads_the_same(source: Any) -> None:
    path, reading = read_given(source)
    assert reading.data == read_given(CONFIG)[1].data
    assert path.name == "config.yaml"


def test_a_text_is_told_from_a_path() -> None:
    assert path_of("a/config.yaml") == Path("a/config.yaml")
    assert path_of(TEXT) is None
    assert path_of('{"job": "extension"}') is None
    assert path_of({}) is None


def test_values_of_a_program_become_those_of_a_file() -> None:
    process = ({"type": "sd_trainer", "training_folder": Path("out/x")},)
    _, reading = read_given({"job": "extension", "config": {"name": "x", "process": process}})
    assert reading.data["config"]["process"] == [{"type": "sd_trainer", "training_folder": str(Path("out/x"))}]


def test_what_no_file_can_hold_is_one_line() -> None:
    ring: dict[str, Any] = {}
    ring["again"] = ring
    for config, words in ((ring, "itself"), ({"a": object()}, "object object")):
        with pytest.raises(DiagnoseError, match=words):
            read_given(config)


def test_a_fault_is_told_by_the_path_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("- 1\n")
    with pytest.raises(DiagnoseError) as error:
        read_given(path)
    assert str(error.value).startswith(f"{path}, line 1: ")
