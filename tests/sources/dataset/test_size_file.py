from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnose.sources.dataset.size_file import NAME, has_foreign_sizes


@pytest.mark.parametrize(
    ("content", "foreign"),
    [
        ({"__version__": "0.1.2", "/a.mp4": [1, 2, "s"]}, False),
        ({"__version__": "0.1.2", "/a.mp4": [1, 2, "s", 81, 16.0]}, True),
        ({}, False),
        ([1, 2, 3, 4], None),
    ],
)
def test_five_values_are_upstreams(tmp_path: Path, content: Any, foreign: bool | None) -> None:
    (tmp_path / NAME).write_text(json.dumps(content))
    assert has_foreign_sizes(tmp_path) is foreign


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert has_foreign_sizes(tmp_path) is None


def test_a_folder_without_one_says_nothing(tmp_path: Path) -> None:
    assert has_foreign_sizes(tmp_path) is None
