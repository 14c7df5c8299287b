"""The flow there and back: how far each point moves, and which points are believed."""

from __future__ import annotations

import numpy as np
from moving_clips import moving_clip

from diagnose.motion.flow import STRIDE, Flow, length


def test_a_shift_is_found_and_what_leaves_the_picture_does_not_agree() -> None:
    earlier, later = moving_clip("pan", 0.4, rate=16, count=2)
    seen = Flow(*earlier.shape).between(earlier, later)
    shift = -0.4 * 240 / 16
    assert seen.vectors.shape == (*(each // STRIDE for each in earlier.shape), 2)
    assert abs(float(np.median(seen.vectors[..., 0])) - shift) < 0.1
    assert abs(float(np.median(seen.vectors[..., 1]))) < 0.1
    assert seen.agrees[:, 10:].mean() > 0.95
    assert not seen.agrees[:, 0].any()


def test_two_pictures_of_noise_do_not_agree() -> None:
    rng = np.random.default_rng(1)
    earlier, later = (rng.integers(0, 255, (240, 320), dtype=np.uint8) for _ in range(2))
    assert Flow(240, 320).between(earlier, later).agrees.mean() < 0.2


def test_length() -> None:
    assert length(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [5.0, 0.0]
