"""Previews that could be followed and then cannot: the picture broke."""

from __future__ import annotations

import pytest
from builders import value
from made_motion import broken as unreadable
from made_motion import clip, file_of
from previewed import previewed

from diagnose.motion.series import MotionSeries, Point, PromptSeries


def trusted(*trusts: float, prompts: int = 3) -> MotionSeries:
    """Return previews with this trust, step by step from 0."""
    return MotionSeries(
        tuple(
            PromptSeries(
                prompt,
                baseline=Point(0, file_of(0, prompt), clip(file_of(0, prompt), 0.2, trusts[0])),
                points=tuple(
                    Point(100 * at, file_of(100 * at, prompt), clip(file_of(100 * at, prompt), 0.2, trust))
                    for at, trust in enumerate(trusts)
                    if at
                ),
            )
            for prompt in range(prompts)
        )
    )


@pytest.mark.parametrize(
    ("trusts", "broke", "at"),
    [
        ((0.9, 0.8, 0.8, 0.1, 0.1), True, 300),
        ((0.5, 0.5, 0.29, 0.1), True, 200),
        ((0.9, 0.8, 0.8, 0.8, 0.7), False, None),
        ((0.9, 0.8, 0.1, 0.8, 0.3), False, None),
        ((0.1, 0.1, 0.1, 0.1, 0.1), None, None),
        ((0.9, 0.8, 0.8, 0.8, 0.1), None, None),
        ((0.9, 0.1, 0.1, 0.1, 0.1), None, None),
        ((0.9, 0.4, 0.8, 0.1, 0.1), None, None),
        ((0.9, 0.1, 0.1), None, None),
    ],
)
def test_where_it_broke(trusts: tuple[float, ...], broke: bool | None, at: int | None) -> None:
    _, record = previewed(trusted(*trusts))
    assert value(record, "motion.broke") is broke
    assert value(record, "motion.broke_at") == at


def test_the_trust_on_both_sides_is_told() -> None:
    _, record = previewed(trusted(0.9, 0.8, 0.7, 0.1, 0.1))
    assert value(record, "motion.trust_before") == pytest.approx(0.8)
    assert value(record, "motion.trust_after") == pytest.approx(0.1)
    assert {place.step for place in record.places("motion.broke") or ()} == {200, 300}


def test_one_prompt_or_files_that_cannot_be_read_tell_nothing() -> None:
    assert value(previewed(trusted(0.9, 0.8, 0.8, 0.1, 0.1, prompts=1))[1], "motion.broke") is None
    gone = [
        PromptSeries(prompt, points=tuple(Point(s, "a", unreadable("a")) for s in range(1, 9))) for prompt in (0, 1)
    ]
    assert value(previewed(MotionSeries(tuple(gone)))[1], "motion.broke") is None
