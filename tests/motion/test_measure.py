"""Files are measured in children, and once: what is in the cache decodes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from clips import write_clip
from moving_clips import moving_clip

from diagnose.core.cache import Cache
from diagnose.motion import measure as room
from diagnose.motion.measure import measure_clips
from diagnose.motion.measured import ClipMotion, Unmeasured
from diagnose.sources.video import workers

NOWHERE = Cache(None)


@pytest.fixture
def pan(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "pan.mp4", moving_clip("pan", 0.3))


def amount(found: ClipMotion | Unmeasured) -> float | None:
    assert isinstance(found, ClipMotion), found
    return found.amount


def test_a_file_is_measured_and_a_broken_one_costs_itself_alone(tmp_path: Path, pan: Path) -> None:
    cut, none = tmp_path / "cut.mp4", tmp_path / "none.mp4"
    cut.write_bytes(pan.read_bytes()[:200])
    broken, whole, absent = measure_clips([cut, pan, none], NOWHERE)
    assert amount(whole) == pytest.approx(0.3, rel=0.1)
    assert isinstance(broken, Unmeasured)
    assert broken.damage
    assert isinstance(absent, Unmeasured)
    assert (absent.file, absent.damage) == (str(none), False)


def test_a_second_reading_decodes_nothing(tmp_path: Path, pan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "cache")
    first = measure_clips([pan], cache)
    monkeypatch.setattr(workers, "start", lambda _: pytest.fail("a child was started"))
    assert measure_clips([pan], cache) == first
    moved = pan.rename(tmp_path / "moved.mp4")
    found = measure_clips([moved], cache)[0]
    assert amount(found) == amount(first[0])
    assert found.file == str(moved)


def test_a_file_that_changed_is_measured_again(tmp_path: Path, pan: Path) -> None:
    cache = Cache(tmp_path / "cache")
    first = measure_clips([pan], cache)[0]
    write_clip(pan, moving_clip("pan", 0.6))
    os.utime(pan, ns=(10**18, 10**18))
    assert amount(measure_clips([pan], cache)[0]) == pytest.approx(2 * (amount(first) or 0), rel=0.1)


def test_what_fails_for_want_of_time_is_not_kept(tmp_path: Path, pan: Path) -> None:
    cache = Cache(tmp_path / "cache")
    late = measure_clips([pan], cache, seconds_all=0)[0]
    assert isinstance(late, Unmeasured)
    assert not late.damage
    assert amount(measure_clips([pan], cache)[0])


def test_without_opencv_it_is_said_how_to_get_it(pan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "is_here", lambda module: module != "cv2")
    found = measure_clips([pan], NOWHERE)[0]
    assert isinstance(found, Unmeasured)
    assert found.reason == (
        "motion is not measured: opencv-python-headless is not installed: pip install 'diagnose[video]'"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    found = measure_clips([pipe], Cache(tmp_path / "cache"))[0]
    assert isinstance(found, Unmeasured)
    assert found.reason == "is no regular file"


def test_nothing_is_asked_for_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ask_all", lambda *_, **__: [])
    assert measure_clips([], NOWHERE) == ()
