from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.sources.readings import LogKind
from diagnose.sources.sniff import is_job_config, log_kind

Write = Callable[[str, str | bytes], Path]

BAR = "job:   0%|    | 1/9 [00:01<00:09,  1.08s/it, lr: 6.6e-06 loss: 2.613e+00]"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("any", b"SQLite format 3\0" + b"\0" * 90, LogKind.LOSS_DB),
        ("any", '\n{"step": 0, "loss": 0.5}\n{"st', LogKind.METRICS),
        ("metrics_job.jsonl", "", LogKind.METRICS),
        ("any.txt", "pip install\nRunning 1 job\n", LogKind.CONSOLE),
        ("any.txt", "#####\r\n# Running job: mine\r\n", LogKind.CONSOLE),
        ("any.txt", f"half a line\r{BAR}", LogKind.CONSOLE),
        ("any.txt", "2026-01-02T03:04:05.123456789Z Running 1 job\n", LogKind.CONSOLE),
        ("any.txt", "Running 1 job\r\n".encode("utf-16"), LogKind.CONSOLE),
        ("any.txt", "a red square moving right", None),
        ("any.log", '{"loss": 1}', None),
        ("any.log", "[" * 90_000, None),
        ("any.log", "", None),
    ],
)
def test_the_content_tells_the_log(write: Write, name: str, content: str | bytes, kind: LogKind | None) -> None:
    assert log_kind(write(name, content)) is kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", ["Running 1 job\n", BAR, f"2026-01-02T03:04:05Z {BAR}\n"])
def test_a_console_behind_long_downloads_is_known_by_its_end(write: Write, end: str, encoding: str) -> None:
    download = "model.safetensors:  2%|###       | 1.2G/9.9G [00:10<01:00, 99.0MB/s]\r" * 9_000
    assert log_kind(write("any.log", (download + "\n" + end).encode(encoding))) is LogKind.CONSOLE
    assert log_kind(write("any.log", download.encode(encoding))) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("---\njob: extension\nconfig:\n  name: a\n  process:\n  - type: sd_trainer\n", True),
        ('{"job":"extension","config":{"name":"a","process":[]}}', True),
        ("services:\n  web:\n    image: a\n", False),
        ("config:\n  a: 1\n", False),
        ("", False),
    ],
)
def test_the_content_tells_a_job_config(write: Write, content: str, expected: bool) -> None:
    assert is_job_config(write("a.yaml", content)) is expected
