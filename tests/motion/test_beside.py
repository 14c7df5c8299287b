"""The motion of the previews as a multiple of something else's, with a band."""

from __future__ import annotations

import pytest
from made_motion import clip, series_of
from msgspec.structs import replace

from diagnose.motion.beside import beside_baseline, beside_clips
from diagnose.motion.levels import levels_of
from diagnose.motion.series import MotionSeries

STEPS = (100, 200)
ROWS = {0: [0.1, 0.2, 0.4, 0.8], 100: [0.06, 0.09, 0.21, 0.38], 200: [0.05, 0.10, 0.19, 0.41]}


def with_clips(*amounts: float | None) -> MotionSeries:
    return replace(series_of(ROWS), clips=tuple(clip("c", amount) for amount in amounts))


def test_each_prompt_is_held_against_itself() -> None:
    series = series_of(ROWS)
    found = beside_baseline(series, levels_of(series), STEPS)
    assert found is not None
    assert found.middle == pytest.approx(0.51, abs=0.02)
    assert 0.3 < found.low < found.middle < found.high < 0.8
    assert found.pairs == 4


def test_only_the_named_steps_count() -> None:
    series = series_of({**ROWS, 300: [1.0, 2.0, 4.0, 8.0]})
    found = beside_baseline(series, levels_of(series), [300])
    assert found is not None
    assert (found.low, found.middle, found.high) == pytest.approx((10, 10, 10))


def test_without_a_baseline_or_for_one_prompt_there_is_none() -> None:
    bare = series_of({step: own for step, own in ROWS.items() if step})
    one = series_of({0: [0.1, None], 100: [0.1, 0.2], 200: [0.1, 0.2]})
    assert beside_baseline(bare, levels_of(bare), STEPS) is None
    assert beside_baseline(one, levels_of(one), STEPS) is None


def test_both_scatters_count_against_the_clips() -> None:
    series = with_clips(0.4, 0.4, 0.4)
    found = beside_clips(series, levels_of(series), STEPS)
    wide = beside_clips(other := with_clips(0.1, 0.4, 1.6), levels_of(other), STEPS)
    assert found is not None
    assert wide is not None
    assert found.middle == wide.middle == pytest.approx(0.36, abs=0.02)
    assert wide.low < found.low
    assert wide.high > found.high


def test_one_clip_with_figures_is_too_few() -> None:
    series = with_clips(0.4, None)
    assert beside_clips(series, levels_of(series), STEPS) is None


def test_an_open_band_is_finite() -> None:
    series = series_of({0: [0.01, 5.0], 100: [5.0, 0.02]})
    found = beside_baseline(series, levels_of(series), [100])
    assert found is not None
    assert 0 < found.low < found.high < float("inf")
