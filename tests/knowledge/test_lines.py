"""Rules and knowledge can be read without scrolling sideways."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnose.core.paths import knowledge_dir, rules_dir

LONGEST = 120
CRASHES = "crashes"
_PATTERN = re.compile(r"\s*- (?:['\"]|\{pattern: )")


def ours(path: Path) -> list[str]:
    """Return the lines of a file; of a kind of crash those that hold no other program's words, which stay as they are."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.parent.name != CRASHES:
        return lines
    own = lines[: lines.index("tests:")]
    return ["" if _PATTERN.match(line) else line for line in own]


@pytest.mark.parametrize("folder", [rules_dir(), knowledge_dir()], ids=lambda folder: folder.name)
def test_no_line_is_longer_than_a_reader_takes_in(folder: Path) -> None:
    long = [
        f"{path.relative_to(folder)}:{number}: {len(line)} characters"
        for path in sorted(folder.rglob("*.yaml"))
        for number, line in enumerate(ours(path), start=1)
        if len(line) > LONGEST
    ]
    assert long == []
