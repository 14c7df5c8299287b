"""Files are decoded in children: what breaks a child costs its file, and nothing waits for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from clips import moving, write_clip

from diagnose.core.child import start
from diagnose.sources.video import workers
from diagnose.sources.video.frames import Job, Pictures, Unread
from diagnose.sources.video.workers import CLIPS, ask_all, decode_all


def job(path: Path) -> Job:
    return Job(path, still=False, count=17, fps=None)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", moving())


HOSTILE = {
    "empty.mp4": b"",
    "text.mp4": b"this is no video\n" * 400,
    "garbage.mp4": bytes(range(256)) * 300,
    "garbage.mkv": b"\x1aE\xdf\xa3" + bytes(range(256)) * 300,
    "playlist.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "list.mp4": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
}


def test_hostile_files_are_refused_one_by_one(tmp_path: Path, clip: Path) -> None:
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    paths = [clip, *(tmp_path / name for name in [*HOSTILE, "cut.mp4", "%d.mp4"])]
    first, *others = decode_all([job(path) for path in paths])
    assert isinstance(first, Pictures)
    assert first.decoded == 17
    for path, found in zip(paths[1:], others, strict=True):
        assert isinstance(found, Unread), path.name
        assert found.damage is (path.name != "%d.mp4"), "a file that is not there is not damaged"


def test_the_answers_keep_the_order_of_the_jobs(tmp_path: Path) -> None:
    paths = [write_clip(tmp_path / f"{count}.mp4", moving(count)) for count in (5, 21, 3, 9)]
    found = decode_all([job(path) for path in paths])
    assert [each.decoded for each in found if isinstance(each, Pictures)] == [5, 21, 3, 9]


def test_no_job_starts_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "start", lambda _: pytest.fail("a child was started"))
    assert decode_all([]) == []


def _broken(code: str, *, ready: bool = True) -> Callable[[str], subprocess.Popen[str]]:
    """Let the first child run `code` when it is asked something, the others be as they are."""
    begun: list[str] = []

    def begin(module: str) -> subprocess.Popen[str]:
        if begun:
            return start(module)
        begun.append(code)
        greeting = "print('ready', flush=True); sys.stdin.readline()" if ready else "pass"
        return subprocess.Popen(
            [sys.executable, "-c", f"import os, sys, time\n{greeting}\n{code}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    return begin


@pytest.mark.parametrize(
    ("code", "reason", "damage"),
    [
        ("os.kill(os.getpid(), 11)", "the decoder was killed by SIGSEGV", True),
        ("os.kill(os.getpid(), 9)", "the decoder was killed by SIGKILL", False),
        ("os._exit(3)", "the decoder ended with status 3", False),
        ("print('nonsense', flush=True); sys.stdin.read()", "the decoder's answer cannot be read", False),
        ("print('[1]', flush=True); sys.stdin.read()", "the decoder's answer cannot be read", False),
    ],
)
def test_a_crash_costs_one_file(
    clip: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str, damage: bool
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)
    monkeypatch.setattr(workers, "start", _broken(code))
    first, second = decode_all([job(clip), job(clip)])
    assert first == Unread(reason, damage)
    assert isinstance(second, Pictures)


@pytest.mark.parametrize("code", ["sys.exit(1)", "os.kill(os.getpid(), 4)", "print('Segmentation'); sys.stdin.read()"])
def test_a_decoder_that_does_not_start_speaks_against_no_file(
    clip: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)
    monkeypatch.setattr(workers, "start", _broken(code, ready=False))
    assert decode_all([job(clip), job(clip)]) == [workers.CLIPS.stillborn] * 2


def test_a_file_that_never_ends_is_left(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "start", _broken("time.sleep(60)"))
    (found,) = decode_all([job(clip)], seconds_each=0.2)
    assert found == Unread("decoding took longer than 0.2 s", damage=False)


def test_when_the_time_is_up_the_rest_is_not_looked_at(clip: Path) -> None:
    assert decode_all([job(clip)], seconds_all=0) == [Unread(workers.OUT_OF_TIME, damage=False)]


def test_what_arrives_is_told_at_once(tmp_path: Path, clip: Path) -> None:
    told: dict[int, Pictures | Unread] = {}
    jobs = [job(clip), job(tmp_path / "gone.mp4")]
    found = ask_all(CLIPS, jobs, seconds_each=30, seconds_all=30, arrived=told.__setitem__)
    assert told == dict(enumerate(found))


def test_an_interruption_waits_for_no_file(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)
    begun: list[subprocess.Popen[str]] = []
    begin = _broken("time.sleep(60)")

    def noted(module: str) -> subprocess.Popen[str]:
        begun.append(begin(module))
        return begun[-1]

    monkeypatch.setattr(workers, "start", noted)
    Timer(0.5, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        ask_all(CLIPS, [job(clip), job(clip)], seconds_each=600, seconds_all=600)
    assert [each.returncode for each in begun] == [-signal.SIGKILL], "it was ended, and no other began"


def test_without_a_decoder_nothing_is_claimed(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "is_here", lambda _: False)
    reason = "clips are not looked at: av is not installed: pip install 'diagnose[video]'"
    assert decode_all([job(clip)]) == [Unread(reason, damage=False)]
