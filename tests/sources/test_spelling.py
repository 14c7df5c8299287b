import json

import pytest
import yaml
from config_documents import TrainerLoader
from hypothesis import given
from hypothesis import strategies as st

from diagnose.sources.config.spelling import spell


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2e-5, "2.0e-5"),
        (1.5e-05, "1.5e-5"),
        (0.0005, "5.0e-4"),
        (0.00025, "2.5e-4"),
        (-1e-4, "-1.0e-4"),
        (0.001, "0.001"),
        (0.999, "0.999"),
        (1.0, "1.0"),
        (0.0, "0.0"),
        (2200, "2200"),
        (1e16, "1.0e+16"),
        (1.25e300, "1.25e+300"),
    ],
)
def test_numbers_are_written_the_way_people_write_them(number: float, text: str) -> None:
    assert spell(number) == text


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers()))
def test_every_reader_takes_the_spelling_for_the_same_number(number: float) -> None:
    text = spell(number)
    readings = [yaml.safe_load(text), yaml.load(text, TrainerLoader), json.loads(text)]  # noqa: S506 (safe subclass)
    assert [(type(reading), reading) for reading in readings] == [(type(number), number)] * 3
