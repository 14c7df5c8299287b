"""What becomes of the logs under some settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, model
from trainer_names import AI_TOOLKIT, RELAXIS

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}


def logged(folder: Path, trainer: str, **sections: Any) -> dict[str, bool]:
    told = model(trainer).logs(config_of(folder, trainer, **{"model": WAN, "train": {"steps": 100}, **sections}))
    assert told is not None
    return {name: value for name, (value, _) in told.items()}


@pytest.mark.parametrize(
    ("sections", "crashes"),
    [
        ({"log_dir": "logs", "train": {"optimizer": "automagic"}}, True),
        ({"log_dir": "logs", "train": {"optimizer": "adamw"}}, False),
        ({"train": {"optimizer": "automagic"}}, False),
        ({"log_dir": "logs", "train": {"optimizer": "automagic"}, "logging": {"log_every": 0}}, False),
    ],
)
def test_the_forks_tensorboard_log(tmp_path: Path, sections: dict[str, Any], *, crashes: bool) -> None:
    assert logged(tmp_path, RELAXIS, **sections)["tensorboard_crashes"] is crashes


@pytest.mark.parametrize(
    ("sections", "written"),
    [
        ({}, False),
        ({"logging": {"use_ui_logger": True}}, True),
        ({"logging": {"use_ui_logger": True}, "train": {"steps": 60}}, False),
        ({"logging": {"use_ui_logger": True, "log_every": 1}, "train": {"steps": 60}}, True),
        ({"log_dir": "logs"}, True),
    ],
)
def test_whether_upstream_writes_the_losses(tmp_path: Path, sections: dict[str, Any], *, written: bool) -> None:
    assert logged(tmp_path, AI_TOOLKIT, **sections) == {"losses_logged": written}
