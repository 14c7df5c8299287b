"""A key that one of the two trainers alone reads hints at that one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import TRAINERS, reading
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.trainers.aitoolkit.recognition import hints


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ({"train": {"steps": 10}}, []),
        ({"logging": {"use_ui_logger": True}}, [(AI_TOOLKIT, "logging.use_ui_logger")]),
        ({"network": {"alpha_schedule": {}}}, [(RELAXIS, "network.alpha_schedule")]),
        (
            {"train": {"optimizer_params": {"high_noise_lr_bump": 1}}, "logging": {"use_ui_logger": True}},
            [(RELAXIS, "high_noise_lr_bump"), (AI_TOOLKIT, "logging.use_ui_logger")],
        ),
    ],
)
def test_the_first_key_of_each_is_told(tmp_path: Path, sections: dict[str, Any], found: list[tuple[str, str]]) -> None:
    told = list(hints(reading(tmp_path, **sections), TRAINERS))
    assert [(sign.trainer, sign.text.split(" is a key that only ")[0]) for sign in told] == found
