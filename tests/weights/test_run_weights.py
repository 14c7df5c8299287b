"""What is taken from a run: indices evenly spread."""

import pytest

from diagnose.weights.run_weights import SPANS, evenly


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 6, []), (1, 6, [0]), (2, 6, [0, 1]), (6, 6, [0, 1, 2, 3, 4, 5]), (30, 6, [0, 6, 12, 17, 23, 29]), (9, 1, [0])],
)
def test_indices_are_evenly_spread(count: int, most: int, expected: list[int]) -> None:
    assert evenly(count, most) == expected


def test_the_last_span_is_a_fifth_of_the_run() -> None:
    assert evenly(101, SPANS + 1) == [0, 20, 40, 60, 80, 100]
