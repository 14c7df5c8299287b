import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.path import Step, below, join, split

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
    assert below("config.process[0]", "train.steps") == "config.process[0].train.steps"
    assert below("config.process", "[0]") == "config.process[0]"
    assert below("", "train") == "train"
    assert below("config", "") == "config"


@given(STEPS)
def test_split_undoes_join(steps: list[Step]) -> None:
    path = ""
    for step in steps:
        path = join(path, step)
    assert split(path) == tuple(steps)
    assert "\n" not in path
