from __future__ import annotations

from pathlib import Path

import pytest
from builders import reading

from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs


@pytest.mark.parametrize(
    ("entry", "taken"),
    [
        ({"num_frames": 17}, 17),
        ({"num_frames": 17, "auto_frame_count": True}, None),
        ({"num_frames": 17, "shrink_video_to_frames": False}, None),
    ],
)
def test_frames_are_spread_over_a_clip_that_is_shrunk(
    tmp_path: Path, entry: dict[str, object], taken: int | None
) -> None:
    (spec,) = dataset_specs(reading(tmp_path, datasets=[entry]))
    assert spec.taken == taken
