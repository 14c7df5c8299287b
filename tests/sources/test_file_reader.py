from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.sources.file_reader import Role, of_role, reader_of
from diagnose.trainers.rooms import run_readers

Write = Callable[[str, str | bytes], Path]
BAR = "job:   0%|    | 1/9 [00:01<00:09,  1.08s/it, lr: 6.6e-06 loss: 2.613e+00]"


@pytest.mark.parametrize(
    ("name", "content", "label"),
    [
        ("any", b"SQLite format 3\0" + b"\0" * 90, "loss_log.db"),
        ("any", '\n{"step": 0, "loss": 0.5}\n{"st', "metrics_*.jsonl"),
        ("metrics_job.jsonl", "", "metrics_*.jsonl"),
        ("any.txt", "pip install\nRunning 1 job\n", "its console"),
        ("any.txt", "#####\r\n# Running job: mine\r\n", "its console"),
        ("any.txt", f"half a line\r{BAR}", "its console"),
        ("any.txt", "2026-01-02T03:04:05.123456789Z Running 1 job\n", "its console"),
        ("any.txt", "Running 1 job\r\n".encode("utf-16"), "its console"),
        ("any.txt", "a red square moving right", None),
        ("any.log", '{"loss": 1}', None),
        ("any.log", "[" * 90_000, None),
        ("any.log", "", None),
    ],
)
def test_the_content_tells_the_log(write: Write, name: str, content: str | bytes, label: str | None) -> None:
    reader = reader_of(write(name, content), of_role(run_readers(), Role.LOG, Role.CONSOLE))
    assert (reader.label if reader is not None else None) == label
