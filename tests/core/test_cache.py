"""The cache: never wrong, never in the way."""

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from diagnose.core.cache import Cache, default_cache

VALUE: dict[str, Any] = {"numbers": [1, 0.1, 1e-300, None], "text": "ä"}


def entry(folder: Path) -> Path:
    (found,) = folder.rglob("*.json")
    return found


def test_what_is_stored_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.load("key", dict[str, Any]) is None
    cache.store("key", VALUE)
    assert cache.load("key", dict[str, Any]) == VALUE
    assert cache.load("other", dict[str, Any]) is None


def test_any_damage_is_noticed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store("key", VALUE)
    path = entry(tmp_path)
    content = path.read_bytes()
    for index in range(len(content)):
        path.write_bytes(content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :])
        assert cache.load("key", dict[str, Any]) is None, content[index : index + 1]
        path.write_bytes(content[:index])
        assert cache.load("key", dict[str, Any]) is None


def test_no_folder_no_memory() -> None:
    cache = Cache(None)
    cache.store("key", VALUE)
    assert cache.load("key", dict[str, Any]) is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = Cache(tmp_path / "file")
    cache.store("key", VALUE)
    assert cache.load("key", dict[str, Any]) is None


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store("key", VALUE)
    path = entry(tmp_path)
    path.unlink()
    path.mkdir()
    cache.store("key", VALUE)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert cache.load("key", dict[str, Any]) is None


@pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX")
def test_a_device_or_a_pipe_in_place_of_an_entry_is_none(tmp_path: Path) -> None:
    (tmp_path / "device.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    assert [Cache(tmp_path).load(name, list) for name in ("device", "pipe")] == [None, None]


def test_half_a_character_is_not_kept_and_no_error(tmp_path: Path) -> None:
    Cache(tmp_path).store("a", ["\ud800"])
    assert list(tmp_path.iterdir()) == []


def test_many_writers_leave_one_whole_entry(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    values = [{"writer": index, "text": "x" * 10_000} for index in range(8)]
    threads = [threading.Thread(target=cache.store, args=("key", value)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.load("key", dict[str, Any]) in values
    assert [path.suffix for path in entry(tmp_path).parent.iterdir()] == [".json"]


def test_the_folder_is_the_users_choice_then_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DIAGNOSE_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_cache() == Cache(tmp_path / ".cache" / "diagnose")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache() == Cache(tmp_path / "xdg" / "diagnose")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert default_cache() == Cache(tmp_path / "Library" / "Caches" / "diagnose")
    monkeypatch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path / "mine"))
    assert default_cache() == Cache(tmp_path / "mine")


def test_an_entry_of_64_mebibytes_is_the_largest_that_is_read(tmp_path: Path) -> None:
    cache, limit = Cache(tmp_path), 64 * 2**20
    cache.store("key", "")
    frame = entry(tmp_path).stat().st_size
    for size, kept in ((limit, True), (limit + 1, False)):
        cache.store("key", "x" * (size - frame))
        assert entry(tmp_path).stat().st_size == size
        assert (cache.load("key", str) is not None) is kept
