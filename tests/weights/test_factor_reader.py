"""Every number of every format, against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diagnose.weights.factor_reader import Bits, Reals, numbers
from diagnose.weights.lora_pairs import FORMATS

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E5M2": torch.float8_e5m2,
    "F8_E4M3": torch.float8_e4m3fn,
}
NARROW = [name for name, form in FORMATS.items() if form.width <= 2]


def torch_reads(bits: Bits, name: str) -> Reals:
    read: Reals = torch.frombuffer(bytearray(bits.tobytes()), dtype=DTYPES[name]).double().numpy()
    return read


def every_code(name: str) -> Bits:
    width = FORMATS[name].width
    return np.arange(256**width, dtype=f"<u{width}")


def test_there_is_one_format_for_each_dtype_that_torch_has() -> None:
    assert FORMATS.keys() == DTYPES.keys()
    for name, form in FORMATS.items():
        assert form.width == DTYPES[name].itemsize


@pytest.mark.parametrize("name", NARROW)
def test_every_finite_number_is_exact_and_the_rest_is_known(name: str) -> None:
    form, bits = FORMATS[name], every_code(name)
    expected = torch_reads(bits, name)
    finite = np.isfinite(expected)
    assert np.array_equal(bits & form.magnitude < form.infinite, finite)
    found = numbers(bits[finite], form)
    assert found.dtype == np.float32
    assert np.array_equal(found, expected[finite])
    assert np.array_equal(np.signbit(found), np.signbit(expected[finite]))


@pytest.mark.parametrize("name", ["F32", "F64"])
@given(values=st.lists(st.floats(width=32), min_size=1))
def test_wide_numbers_are_taken_as_they_are(name: str, values: list[float]) -> None:
    form = FORMATS[name]
    content = np.array(values, f"<f{form.width}")
    bits = np.frombuffer(content.tobytes(), f"<u{form.width}")
    found = numbers(bits, form)
    assert np.array_equal(found, content, equal_nan=True)
    assert np.array_equal(bits & form.magnitude < form.infinite, np.isfinite(content))


@pytest.mark.parametrize("name", NARROW)
def test_magnitudes_order_like_their_bits(name: str) -> None:
    form = FORMATS[name]
    ascending = numbers(every_code(name)[: form.infinite], form)
    assert (np.diff(ascending) > 0).all()
    assert ascending[0] == 0
