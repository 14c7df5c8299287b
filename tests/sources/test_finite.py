from __future__ import annotations

import pytest

from diagnose.sources.finite import finite


@pytest.mark.parametrize("value", [None, True, "1", float("nan"), float("inf"), 10**400, [1]])
def test_what_is_no_number_to_reckon_with(value: object) -> None:
    assert finite(value) is None


@pytest.mark.parametrize("value", [0, -1, 1e-300, 2**53])
def test_numbers_pass(value: float) -> None:
    assert finite(value) == value
