from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.trainers.aitoolkit.console.console_signs import READERS, is_console

Write = Callable[[str, str | bytes], Path]
BAR = "job:   0%|    | 1/9 [00:01<00:09,  1.08s/it, lr: 6.6e-06 loss: 2.613e+00]"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", ["Running 1 job\n", BAR, f"2026-01-02T03:04:05Z {BAR}\n"])
def test_a_console_behind_long_downloads_is_known_by_its_end(write: Write, end: str, encoding: str) -> None:
    download = "model.safetensors:  2%|###       | 1.2G/9.9G [00:10<01:00, 99.0MB/s]\r" * 9_000
    assert is_console(write("any.log", (download + "\n" + end).encode(encoding)))
    assert not is_console(write("any.log", download.encode(encoding)))


def test_moved_consoles_come_by_number_and_before_the_folders_own(write: Write) -> None:
    own = [write(name, "") for name in ("z.log", "log.txt")]
    for path, moment in zip(own, (1, 2), strict=True):
        os.utime(path, (moment, moment))
    moved = [write(f"logs/{number}_log.txt", "") for number in (2, 10)]
    assert READERS[0].arrange([*reversed(own), *reversed(moved)], "job") == [*moved, *own]
