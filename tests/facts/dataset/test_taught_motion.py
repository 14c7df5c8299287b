"""Training clips at the speed at which a preview shows what they taught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of
from dataset_readings import I2V, dataset, item, pictures
from made_motion import CLIP
from msgspec.structs import replace

from diagnose.facts.dataset.taught_motion import taught_clips
from diagnose.motion.measured import ClipMotion

MEASURED = {"datasets[0]": {"a.mp4": replace(CLIP, file="a.mp4", amount=0.1)}}


def taught(
    folder: Path,
    *,
    frames: int = 81,
    rate: float | None = 16.0,
    model_rate: float | None = 16.0,
    decided: bool = True,
    fps: object = 16,
    **keys: Any,
) -> tuple[ClipMotion, ...]:
    entry = {"folder_path": "clips", "num_frames": 81, **keys}
    config = config_of(folder, model=I2V, datasets=[entry], sample={"fps": fps})
    reading = dataset(item("a.mp4", pictures(decoded=frames, rate=rate)), item("b.mp4"))
    return tuple(taught_clips(MEASURED, [reading], config, model_rate, decided=decided))


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({}, 0.1),
        ({"frames": 161}, 0.2),
        ({"frames": 41}, 0.05),
        ({"fps": 24}, 0.15),
        ({"frames": 121, "rate": 24.0}, 0.1),
        ({"frames": 300, "rate": 32.0, "shrink_video_to_frames": False, "fps": 16}, 0.1),
    ],
)
def test_a_clip_that_is_squeezed_moves_faster(tmp_path: Path, given: dict[str, Any], amount: float) -> None:
    (found,) = taught(tmp_path, **given)
    assert found.file == "a.mp4"
    assert found.amount == pytest.approx(amount)


@pytest.mark.parametrize(
    "given",
    [
        {"rate": None},
        {"model_rate": None},
        {"fps": 0},
        {"fps": "fast"},
        {"decided": False, "shrink_video_to_frames": False},
        {"num_frames": 1},
    ],
)
def test_nothing_is_said_where_the_speed_is_unknown(tmp_path: Path, given: dict[str, Any]) -> None:
    assert taught(tmp_path, **given) == ()


def test_a_shrunk_clip_has_one_speed_whichever_the_trainer(tmp_path: Path) -> None:
    assert len(taught(tmp_path, decided=False)) == 1


def test_without_a_config_there_is_none() -> None:
    assert tuple(taught_clips(MEASURED, [dataset(item("a.mp4"))], None, 16.0, decided=True)) == ()
