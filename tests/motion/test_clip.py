"""The figures of made-up clips are those that were put into them. The whole table is tests/bench/MOTION.md."""

from __future__ import annotations

from typing import Any

import pytest
from moving_clips import Frame, as_clip, cuts, moving_clip, noise, with_noise

from diagnose.motion import clip as room
from diagnose.motion.clip import clip_motion
from diagnose.motion.measured import OBJECT_LEAST, STILL_AMOUNT, STILL_STRONG, TRUST_GOOD, TRUST_LEAST, ClipMotion
from diagnose.sources.video.decoding import Unfit

SPEEDS = (0.025, 0.1, 0.4, 0.8)


def measured(frames: list[Frame], **told: Any) -> ClipMotion:
    return ClipMotion(file="clip", **clip_motion(as_clip(frames, **told)))


@pytest.mark.parametrize("kind", ["pan", "rotation", "zoom", "deformation", "object", "object before a pan"])
def test_faster_is_more(kind: str) -> None:
    figure = "object_strong" if "object" in kind else "amount"
    found = [getattr(measured(moving_clip(kind, speed, count=9)), figure) for speed in SPEEDS]
    assert found == sorted(found)
    assert found[-1] > 8 * found[0]


@pytest.mark.parametrize("speed", SPEEDS[1:])
def test_the_amount_of_a_pan_is_its_speed(speed: float) -> None:
    found = measured(moving_clip("pan", speed))
    assert found.amount == pytest.approx(speed, rel=0.1)
    assert found.strong == pytest.approx(speed, rel=0.1)


def test_what_moves_most_is_the_object() -> None:
    found = measured(moving_clip("object", 0.5))
    assert found.strong == pytest.approx(0.45, rel=0.1)
    assert found.amount is not None
    assert found.amount < 0.1


@pytest.mark.parametrize(
    ("size", "rate"),
    [((160, 120), 16), ((416, 240), 16), ((240, 416), 16), ((640, 272), 16), ((320, 240), 8), ((320, 240), 30)],
)
def test_neither_size_nor_frame_rate_changes_the_figures(size: tuple[int, int], rate: int) -> None:
    base = measured(moving_clip("pan", 0.2))
    other = measured(moving_clip("pan", 0.2, width=size[0], height=size[1], rate=rate, count=rate + 1), rate=rate)
    assert other.amount == pytest.approx(base.amount, rel=0.1)


def test_a_camera_is_told_from_an_object() -> None:
    pan, thing, both = (measured(moving_clip(kind, 0.4)) for kind in ("pan", "object", "object before a pan"))
    assert pan.camera_share is not None
    assert thing.camera_share is not None
    assert pan.camera_share > 0.9
    assert thing.camera_share < 0.2
    assert (pan.object_moves, thing.object_moves, both.object_moves) == (False, True, True)
    assert both.camera == pytest.approx(0.1, rel=0.2)
    assert both.object_strong is not None
    assert both.object_strong > OBJECT_LEAST


def test_large_parts_that_move_together_are_coarse() -> None:
    pan, bent = measured(moving_clip("pan", 0.2)), measured(with_noise(moving_clip("still", 0), 25))
    assert pan.coarse_share is not None
    assert pan.coarse_share > 0.95
    assert bent.coarse_share is None or bent.coarse_share < pan.coarse_share


@pytest.mark.parametrize("sigma", [0, 4, 10])
def test_a_still_clip_with_noise_is_still(sigma: float) -> None:
    found = measured(with_noise(moving_clip("still", 0), sigma))
    assert found.still
    assert found.amount is not None
    assert found.strong is not None
    assert found.amount < STILL_AMOUNT
    assert found.strong < STILL_STRONG
    assert found.camera_share is None


@pytest.mark.parametrize("frames", [noise(), cuts()], ids=["noise", "cuts"])
def test_noise_and_cuts_get_no_figure(frames: list[Frame]) -> None:
    found = measured(frames)
    assert found.trust < TRUST_LEAST
    assert (found.amount, found.strong, found.camera_share, found.liveliest) == (None, None, None, None)
    assert not found.still


def test_a_small_picture_of_noise_is_not_believed_either() -> None:
    assert measured(noise(width=64, height=64)).trust < TRUST_LEAST


def test_one_cut_does_not_count() -> None:
    whole = moving_clip("pan", 0.2, count=12)
    found = measured(whole + moving_clip("pan", 0.2, count=12, seed=8))
    assert found.amount == pytest.approx(0.2, rel=0.1)
    assert found.trust > TRUST_GOOD


def test_a_film_of_one_frame_is_still_and_a_photograph_is_no_film() -> None:
    one = moving_clip("still", 0, count=1)
    assert measured(one).still
    assert measured(one).pairs == 0
    with pytest.raises(Unfit, match="single picture"):
        measured(one, film=False)


def test_frames_that_are_shown_twice_change_nothing() -> None:
    frames = moving_clip("pan", 0.2, count=17)
    doubled = [each for each in frames for _ in range(2)]
    assert measured(doubled, rate=32).amount == pytest.approx(measured(frames).amount, rel=0.02)


def test_a_clip_that_stands_most_of_the_time_is_still() -> None:
    frames = moving_clip("pan", 0.2, count=9)
    assert measured(frames + [frames[-1]] * 30).still
    assert not measured(frames + [frames[-1]] * 3).still


def test_without_times_the_frame_rate_tells_and_without_both_nothing_does() -> None:
    frames = moving_clip("pan", 0.2)
    assert measured(frames, timed=False).amount == pytest.approx(0.2, rel=0.1)
    with pytest.raises(Unfit, match="nothing of the time"):
        measured(frames, rate=None)


def test_a_long_clip_is_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_PAIRS", 8)
    slow, fast = moving_clip("pan", 0.1, count=9), moving_clip("pan", 0.4, count=27)
    found = measured(slow + fast)
    assert 4 <= found.pairs <= 8
    assert found.frames == 36
    assert found.amount == pytest.approx(0.4, rel=0.1)


def test_the_liveliest_pair_is_where_it_moves_most() -> None:
    slowly = moving_clip("pan", 0.1, count=28)
    found = measured([slowly[at] for at in (*range(6), 11, 17, 22, *range(23, 28))])
    assert found.liveliest == 6, "between 11 and 17"


def test_pictures_too_narrow_to_measure_are_refused() -> None:
    with pytest.raises(Unfit, match="too narrow"):
        measured([noise(1, width=640, height=8)[0]] * 2)
