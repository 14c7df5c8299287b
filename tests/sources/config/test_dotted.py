from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place
from diagnose.sources.config.dotted import MISSING, Step, full_path, get, join, place, split, walk
from diagnose.sources.readings import ConfigFrame, ConfigReading
from diagnose.trainers.aitoolkit.config_file import read_config

STEPS = st.lists(st.one_of(st.text(max_size=6), st.integers(0, 999)), max_size=5)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", ()),
        ("train", ("train",)),
        ("config.process[0].train.steps", ("config", "process", 0, "train", "steps")),
        ("datasets[1].resolution[12]", ("datasets", 1, "resolution", 12)),
        ("[0].a", (0, "a")),
        ('a["x.y"].b', ("a", "x.y", "b")),
        ("a b.c-d", ("a b", "c-d")),
    ],
)
def test_split(path: str, steps: tuple[Step, ...]) -> None:
    assert split(path) == steps


@pytest.mark.parametrize("path", [".a", "a.", "a..b", "a[x]", "a[", "a]b", "[0]a", "a.[0]", 'a"b'])
def test_what_is_not_a_path_is_refused(path: str) -> None:
    with pytest.raises(DiagnoseError, match="not a config path"):
        split(path)


def test_below_the_root() -> None:
    for root, path, full in (
        ("config.process[0]", "train.steps", "config.process[0].train.steps"),
        ("config.process", "[0]", "config.process[0]"),
        ("", "train", "train"),
        ("config", "", "config"),
        ("config.process[0]", "job", "job"),
    ):
        reading = ConfigReading("a.yaml", "", {}, root, {}, frame=ConfigFrame(frozenset({"job"})))
        assert full_path(reading, path) == full


@given(STEPS)
def test_split_undoes_join(steps: list[Step]) -> None:
    path = ""
    for step in steps:
        path = join(path, step)
    assert split(path) == tuple(steps)
    assert "\n" not in path


CONFIG = """\
job: extension
config:
  name: run
  process:
  - type: sd_trainer
    train:
      steps: 100
      lr: null
      optimizer_params: {}
    datasets:
    - resolution: [512, 768]
"""


@pytest.fixture
def reading(write: Callable[[str, str], Path]) -> ConfigReading:
    return read_config(write("config.yaml", CONFIG), name="config.yaml")


def test_get(reading: ConfigReading) -> None:
    assert get(reading, "train.steps") == 100
    assert get(reading, "datasets[0].resolution[1]") == 768
    assert get(reading, "train.lr") is None
    assert get(reading, "train.optimizer_params") == {}
    assert get(reading, "")["type"] == "sd_trainer"


@pytest.mark.parametrize("path", ["save", "train.steps.x", "train[0]", "datasets[1]", "datasets.x", "train.lr.x"])
def test_what_is_not_there_is_missing(reading: ConfigReading, path: str) -> None:
    assert get(reading, path) is MISSING


def test_place(reading: ConfigReading) -> None:
    assert place(reading, "train.steps") == Place("config.yaml", 7, "config.process[0].train.steps")
    assert place(reading, "datasets[0].resolution[1]").line == 11


def test_the_place_of_what_is_absent_is_its_nearest_parent(reading: ConfigReading) -> None:
    assert place(reading, "train.optimizer_params.lr_bump") == Place(
        "config.yaml", 9, "config.process[0].train.optimizer_params"
    )
    assert place(reading, "save.save_every") == Place("config.yaml", 5, "config.process[0]")


def test_a_bare_entry_may_have_no_parent_at_all(write: Callable[[str, str], Path]) -> None:
    bare = read_config(write("train.yaml", "train:\n  steps: 5\n"), name="train.yaml")
    assert place(bare, "save.save_every") == Place("train.yaml")
    assert place(bare, "train.lr") == Place("train.yaml", 1, "train")
    assert get(bare, "train.steps") == 5


def test_walk_yields_every_leaf(reading: ConfigReading) -> None:
    assert list(walk(reading)) == [
        ("type", "sd_trainer"),
        ("train.steps", 100),
        ("train.lr", None),
        ("train.optimizer_params", {}),
        ("datasets[0].resolution[0]", 512),
        ("datasets[0].resolution[1]", 768),
    ]


def test_what_walk_yields_get_finds(reading: ConfigReading) -> None:
    assert all(get(reading, path) == value for path, value in walk(reading))
