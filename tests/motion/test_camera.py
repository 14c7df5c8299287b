"""The movement of the whole picture is fitted, and what moves by itself hardly pulls at it."""

from __future__ import annotations

import numpy as np

from diagnose.motion.camera import camera_motion
from diagnose.motion.flow import Seen

ROWS, COLUMNS = 60, 80


def test_a_zoom_with_a_shift_is_followed_past_an_object() -> None:
    down, across = np.meshgrid(np.linspace(-1, 1, ROWS), np.linspace(-1, 1, COLUMNS), indexing="ij")
    camera = np.stack([2 + 3 * across, -1 + 3 * down], axis=-1).astype(np.float32)
    vectors = camera.copy()
    vectors[20:35, 30:50] += 8
    found = camera_motion(Seen(vectors, np.ones((ROWS, COLUMNS), dtype=bool)))
    assert np.abs(found - camera).max() < 0.1


def test_only_points_that_agree_count() -> None:
    vectors = np.full((ROWS, COLUMNS, 2), 2, dtype=np.float32)
    agrees = np.ones((ROWS, COLUMNS), dtype=bool)
    vectors[:, 30:], agrees[:, 30:] = 50, False
    assert np.abs(camera_motion(Seen(vectors, agrees)) - 2).max() < 0.01


def test_too_few_points_are_no_camera() -> None:
    vectors, nobody = np.ones((ROWS, COLUMNS, 2), dtype=np.float32), np.zeros((ROWS, COLUMNS), dtype=bool)
    assert not camera_motion(Seen(vectors, nobody)).any()
