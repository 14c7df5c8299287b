from __future__ import annotations

from pathlib import Path

import pytest
from builders import CONSOLE, reading, readings
from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.sources.log_readings import ConsoleReading, LogReading, Sign
from diagnose.sources.log_rows import NO_ROWS, LogRow
from diagnose.sources.readings import CheckpointFile


def sign(trainer: str) -> Sign:
    return Sign(trainer, "only this trainer does that", Place("a.log"))


def save(step: int, *signs: Sign) -> CheckpointFile:
    return CheckpointFile(
        f"{step}.safetensors", Path("x"), ("high",), step, final=False, size=1, modified=1, header_sha256="",
        tensors=(), signs=signs,
    )  # fmt: skip


def test_signs_come_from_files_console_and_the_newest_checkpoint() -> None:
    console = ConsoleReading(LogReading("a.log", CONSOLE, NO_ROWS), (), signs=(sign("printed"),))
    run = readings(console=console, checkpoints=[save(1, sign("older")), save(2, sign("newest"))])
    run = replace(run, file_signs=(sign("file"),))
    assert [each.trainer for each in run.signs] == ["file", "printed", "newest"]


def test_a_remark_that_stands_in_two_places_is_told_once(tmp_path: Path) -> None:
    odd = Remark(Place("a.log"), "is odd")
    run = readings(config=reading(tmp_path), metrics=[LogRow(0, 1)])
    run = replace(run, remarks=(odd,), logs=(replace(run.logs[0], remarks=(odd, Remark(Place("b.log"), "too"))),))
    assert [remark.place.file for remark in run.every_remark] == ["a.log", "b.log"]


@pytest.mark.parametrize(
    ("config", "job"), [({"name": "a"}, "a"), ({"name": ""}, None), ({"name": 3}, None), ({}, None)]
)
def test_the_job_is_named_in_the_config(tmp_path: Path, config: dict[str, object], job: str | None) -> None:
    assert replace(reading(tmp_path), data={"config": config}).job == job
