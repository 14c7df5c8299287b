"""Steps in words: a range never spans a save that is not meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.facts.weights.steps import every, in_words

SAVED = range(20, 401, 20)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([400], "step 400"),
        ([380, 400], "step 380 and 400"),
        ([360, 380, 400], "step 360 to 400"),
        ([*range(20, 181, 20), 360, 380, 400], "step 20 to 180 and 360 to 400"),
        ([200, 240, 280], "step 200, 240 and 280"),
        ([20, 80, 140, 200], "step 20, 80, 140 and 200"),
        ([20, 80, 140, 200, 260], "every third save from step 20 to 260"),
        ([20, 60, 100, 140, 180], "every second save from step 20 to 180"),
        ([20, 100, 180, 260, 340], "every fourth save from step 20 to 340"),
        ([20, 120, 220, 320, 400], "step 20, 120, 220, 320 and 1 more parts"),
        ([20, 40, 60, 100, 200], "step 20 to 60, 100 and 200"),
        ([20, 60, 120, 200, 300, 400], "step 20, 60, 120, 200 and 2 more parts"),
    ],
)
def test_words(steps: list[int], words: str) -> None:
    assert in_words(steps, SAVED) == words


def test_a_stride_has_a_name_up_to_every_fifth_save() -> None:
    named = [every(range(0, 3 * stride, stride)) for stride in range(1, 7)]
    words = ("second", "third", "fourth", "fifth")
    assert named == [None, *(f"every {word} save" for word in words), None]
    assert every([0, 2]) is None, "two saves have no rhythm"


@given(st.sets(st.sampled_from(list(SAVED)), min_size=1))
def test_a_range_has_no_holes(steps: set[int]) -> None:
    words = in_words(sorted(steps), SAVED)
    if " to " in words and "every" not in words and "more" not in words:
        spans = [part.split(" to ") for part in words.removeprefix("step ").replace(" and ", ", ").split(", ")]
        named = {step for span in spans for step in SAVED if int(span[0]) <= step <= int(span[-1])}
        assert named == steps
