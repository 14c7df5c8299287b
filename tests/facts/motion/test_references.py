"""The motion beside the model without the LoRA and beside the clips: what is weak, what has another speed."""

from __future__ import annotations

from typing import Any

import pytest
from builders import value
from msgspec.structs import replace
from previewed import PAN, amounts, previewed, shown

CLIPS = (0.15, 0.16, 0.17, 0.18, 0.19, 0.2)
"""As fast as the prompts on average."""


def judged(times: float, *, baseline: float | None = 1, clips: tuple[float, ...] = (), prompts: int = 5) -> Any:
    _, record = previewed(shown(amounts(lambda _: times, baseline=baseline, prompts=prompts), clips=clips))
    return record


@pytest.mark.parametrize(
    ("times", "baseline", "clips", "weak", "differs"),
    [
        (0.4, 1, (), True, None),
        (1.0, 1, (), None, None),
        (2.0, 1, (), False, None),
        (0.3, 0.3, CLIPS, True, False),
        (0.3, None, CLIPS, True, False),
        (0.3, 0.1, CLIPS, False, True),
        (1.0, 0.5, CLIPS, False, None),
        (4.0, 1, CLIPS, False, True),
        (1.0, None, (), None, None),
    ],
)
def test_what_is_weak_and_what_is_of_another_speed(
    times: float, baseline: float | None, clips: tuple[float, ...], weak: bool | None, differs: bool | None
) -> None:
    record = judged(times, baseline=baseline, clips=clips)
    assert value(record, "motion.weak_from_start") is weak
    assert value(record, "motion.speed_differs") is differs


def test_the_ratios_are_told_with_their_bands() -> None:
    record = judged(0.4, clips=CLIPS)
    assert value(record, "motion.added") == pytest.approx(0.4, rel=0.1)
    assert value(record, "motion.added_low") < 0.4 < value(record, "motion.added_high") < 0.8
    assert value(record, "motion.beside_clips_low") < value(record, "motion.beside_clips")


def test_three_prompts_are_too_few_for_a_verdict() -> None:
    record = judged(0.2, prompts=3)
    assert value(record, "motion.added") == pytest.approx(0.2, rel=0.1)
    assert value(record, "motion.weak_from_start") is None
    assert value(record, "motion.camera_only") is None


def test_what_comes_after_a_fall_is_not_from_the_start() -> None:
    _, record = previewed(shown(amounts(lambda save: 0.3 if save >= 7 else 1.6)))
    assert value(record, "motion.degraded") is True
    assert value(record, "motion.added") == pytest.approx(1.6, rel=0.1)
    assert value(record, "motion.weak_from_start") is False


def test_a_camera_that_alone_moves() -> None:
    _, record = previewed(shown(amounts(lambda _: 1.0), figures=PAN))
    assert value(record, "motion.camera_only") is True
    _, record = previewed(shown(amounts(lambda _: 1.0)))
    assert value(record, "motion.camera_only") is False
    _, record = previewed(shown(amounts(lambda _: 1.0), figures={**PAN, "object_strong": 0.5}))
    assert value(record, "motion.camera_only") is False


def test_clips_of_the_camera_alone_teach_it() -> None:
    series = shown(amounts(lambda _: 1.0), clips=CLIPS, figures=PAN)
    panned = replace(series, clips=tuple(replace(each, **PAN) for each in series.clips))
    assert value(previewed(panned)[1], "motion.camera_only") is False
    assert value(previewed(series)[1], "motion.camera_only") is True
