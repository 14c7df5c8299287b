from __future__ import annotations

import json
from pathlib import Path

import pytest

from diagnose.sources.video.frames import NONSENSE, Job, Pictures, Strip, Unread, read_answer

SEEN = {
    "width": 64, "height": 48, "rate": 16.0, "declared": 17, "estimated": False, "decoded": 17, "damaged": 0,
    "whole": True,
}  # fmt: skip


def test_a_job_is_one_line() -> None:
    line = Job(Path("a\nb.mp4"), still=False, count=17, fps=None).line
    assert line.count("\n") == 1
    told = {"path": "a\nb.mp4", "still": False, "count": 17, "fps": None, "strip": False, "around": None}
    assert json.loads(line) == told


def test_an_answer_is_pictures_or_why_there_are_none() -> None:
    assert read_answer(json.dumps(SEEN), Pictures) == Pictures(**SEEN)  # type: ignore[arg-type]
    assert read_answer('{"strip": "aGk="}', Strip) == Strip("aGk=")
    assert read_answer('{"reason": "is empty", "damage": true}', Strip) == Unread("is empty", damage=True)


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", '{"reason": "no"}', '{"width": 1, "other": 2}', '{"strip": "aGk="}']
)
def test_anything_else_is_nonsense(line: str) -> None:
    assert read_answer(line, Pictures) is NONSENSE
