"""The texts of our rules and of our knowledge are in plain words: none of those that readers stumbled over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose.core.paths import knowledge_dir, rules_dir

STUMBLED_OVER = re.compile(
    r"\bthe document\b|\brests? on\b|\bas equals\b|\bare equals\b|\bstands?\b(?! still)|\bstood\b|\bwait(s|ing)? for\b"
    r"|\b(motion|style|it|run) wants\b|\bis to come\b|\bat hand\b|\bput right\b|\bfor want of\b|\bnext to nothing\b"
    r"|\bof whatever kind\b|\bscatters?\b",
    re.IGNORECASE,
)
NOT_READ = {"tests", "base", "name", "explains", "holds_back", "when", "unless", "verbs", "signatures", "near", "not"}
"""What no report shows, the verbs that captions are searched for, and the words of other programs."""
OURS = [
    path
    for folder in (rules_dir(), knowledge_dir())
    for path in sorted(folder.rglob("*.yaml"))
    if path.stem != "claims"
]
"""The claims are worded by their source."""


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from () if key in NOT_READ else texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield " ".join(value.split())


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_no_text_has_a_word_that_readers_stumbled_over(path: Path) -> None:
    written = texts(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert [text for text in written if STUMBLED_OVER.search(text)] == []
