from pathlib import Path
from typing import Any

import pytest
from builders import config_of, model, recorder, value
from run_evidence import YARDSTICK
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.clips import record_clips
from diagnose.facts.recorder import Recorder

SET = "datasets[0]"


def recorded(folder: Path, trainer: str | None = RELAXIS, **sections: Any) -> Recorder:
    record = recorder()
    known = model(trainer) if trainer is not None else None
    sections.setdefault("model", {"arch": "wan22_14b_i2v"})
    record_clips(config_of(folder, trainer or AI_TOOLKIT, **sections), known, YARDSTICK, record)
    return record


def test_the_length_that_keeps_its_speed(tmp_path: Path) -> None:
    for arch, seconds in (("wan22_14b_i2v", 81 / 16), ("wan22_14b:t2v", 81 / 16), ("wan22_5b", 81 / 24)):
        record = recorded(tmp_path, datasets=[{"num_frames": 81}], model={"arch": arch})
        assert value(record, "dataset.true_speed_seconds", SET) == seconds


@pytest.mark.parametrize("model", [{"arch": "flux"}, {}])
def test_no_length_keeps_its_speed_where_the_models_rate_is_unknown(tmp_path: Path, model: dict[str, str]) -> None:
    record = recorded(tmp_path, datasets=[{"num_frames": 81}], model=model)
    assert ("dataset.true_speed_seconds", SET) not in record.recorded


@pytest.mark.parametrize(
    ("keys", "shrinks"),
    [
        ({}, True),
        ({"shrink_video_to_frames": True}, True),
        ({"shrink_video_to_frames": False}, False),
        ({"shrink_video_to_frames": None}, False),
    ],
)
def test_clips_are_shrunk_unless_something_else_is_written(tmp_path: Path, keys: dict[str, Any], shrinks: bool) -> None:
    assert value(recorded(tmp_path, datasets=[keys]), "dataset.shrinks_video", SET) is shrinks


@pytest.mark.parametrize(("frames", "used"), [(40, 37), (41, 41), (1, 1), (4, 1), (81, 81), (0, 0)])
def test_frames_the_autoencoder_takes(tmp_path: Path, frames: int, used: int) -> None:
    assert value(recorded(tmp_path, datasets=[{"num_frames": frames}]), "dataset.frames_used", SET) == used


@pytest.mark.parametrize(
    ("resolution", "is_size"),
    [
        ([480, 832], True),
        ([832, 480], True),
        ([640, 360], True),
        ([512, 768], False),
        ([512, 768, 1024], False),
        ([512], False),
        (512, False),
        (["a", "b"], False),
    ],
)
def test_a_list_that_looks_like_a_height_and_a_width(tmp_path: Path, resolution: Any, *, is_size: bool) -> None:
    for sample in ({"width": 640, "height": 360}, {"width": 360, "height": 640}):
        record = recorded(tmp_path, datasets=[{"resolution": resolution}], sample=sample)
        assert value(record, "dataset.resolution_is_size", SET) is is_size
    record = recorded(tmp_path, datasets=[{"resolution": [512, 768]}], sample={"width": 768, "height": 512})
    assert value(record, "dataset.resolution_is_size", SET) is False


@pytest.mark.parametrize("key", ["load_image_when_caching_latents", "cache_tensors_to_disk"])
def test_upstream_keeps_the_frames_beside_cached_latents_if_asked(tmp_path: Path, key: str) -> None:
    for trainer, kept in ((AI_TOOLKIT, True), (RELAXIS, False), (None, True)):
        assert value(recorded(tmp_path, trainer, datasets=[{key: True}]), "dataset.frames_kept", SET) is kept
    assert value(recorded(tmp_path, AI_TOOLKIT, datasets=[{}]), "dataset.frames_kept", SET) is False


@pytest.mark.parametrize(
    ("entry", "fork", "upstream"),
    [
        ({}, True, True),
        ({"num_frames": 1}, True, True),
        ({"num_frames": 33}, False, False),
        ({"num_frames": 1, "auto_frame_count": True}, True, False),
        ({"num_frames": 33, "auto_frame_count": True}, False, False),
        ({"auto_frame_count": False}, True, True),
    ],
)
def test_upstream_counts_the_frames_of_each_clip_itself(
    tmp_path: Path, entry: dict[str, Any], *, fork: bool, upstream: bool
) -> None:
    for trainer, single in ((RELAXIS, fork), (AI_TOOLKIT, upstream)):
        assert value(recorded(tmp_path, trainer, datasets=[entry]), "dataset.one_frame", SET) is single
    alike = fork == upstream
    assert value(recorded(tmp_path, None, datasets=[entry]), "dataset.one_frame", SET) is (fork if alike else None)


def test_a_clip_at_its_own_length_is_not_shrunk(tmp_path: Path) -> None:
    entry = {"num_frames": 1, "auto_frame_count": True}
    assert value(recorded(tmp_path, AI_TOOLKIT, datasets=[entry]), "dataset.shrinks_video", SET) is False
    assert value(recorded(tmp_path, RELAXIS, datasets=[entry]), "dataset.shrinks_video", SET) is True


def test_data_sets_of_clips_are_counted(tmp_path: Path) -> None:
    sets = [{"num_frames": 81}, {"num_frames": 1}, {"auto_frame_count": True}]
    for trainer, count in ((RELAXIS, 1), (AI_TOOLKIT, 2), (None, None)):
        record = recorder()
        config = config_of(tmp_path, trainer or AI_TOOLKIT, datasets=sets)
        record_clips(config, model(trainer) if trainer else None, YARDSTICK, record)
        assert value(record, "config.clip_sets") == count
