import json

import pytest
import yaml
from config_documents import ODD_SCALARS, TrainerLoader
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.verdict.edit.data import same
from diagnose.verdict.edit.write import Notation, write_scalar


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("adamw8bit", "adamw8bit"),
        ("path/to/a file.png", "path/to/a file.png"),
        ("yes", '"yes"'),
        ("1e-5", '"1e-5"'),
        ("-.5", '"-.5"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("${HOME}", '"${HOME}"'),
        ("one\ntwo", '"one\\ntwo"'),
        (True, "true"),
        (None, "null"),
        (2e-5, "2.0e-5"),
        (2200, "2200"),
    ],
)
def test_how_values_are_written(value: object, text: str) -> None:
    assert write_scalar(value, Notation.BLOCK) == text  # type: ignore[arg-type]


def test_quotes_are_kept() -> None:
    assert write_scalar("it's", Notation.BLOCK, "'") == "'it''s'"
    assert write_scalar("fp16", Notation.BLOCK, '"') == '"fp16"'
    assert write_scalar("a\nb", Notation.BLOCK, "'") == '"a\\nb"'
    assert write_scalar(5, Notation.BLOCK, "'") == "5"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_no_config_can_hold_is_refused(value: float | str) -> None:
    with pytest.raises(DiagnoseError, match="cannot be written into a config"):
        write_scalar(value, Notation.BLOCK)


@given(ODD_SCALARS, st.sampled_from(["", "'", '"']))
def test_every_reader_reads_it_back(value: object, like: str) -> None:
    block = f"k: {write_scalar(value, Notation.BLOCK, like)}\n"  # type: ignore[arg-type]
    flow = f"{{k: {write_scalar(value, Notation.FLOW, like)}, l: 1}}"  # type: ignore[arg-type]
    for text in (block, flow):
        for read in (yaml.safe_load(text), yaml.load(text, TrainerLoader)):  # noqa: S506 (a safe subclass)
            assert same(read["k"], value)
    assert same(json.loads(write_scalar(value, Notation.JSON, like)), value)  # type: ignore[arg-type]
