"""Rules and knowledge can be read without scrolling sideways."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.core.resources import knowledge_dir, rules_dir

LONGEST = 120


@pytest.mark.parametrize("folder", [rules_dir(), knowledge_dir()], ids=lambda folder: folder.name)
def test_no_line_is_longer_than_a_reader_takes_in(folder: Path) -> None:
    long = [
        f"{path.relative_to(folder)}:{number}: {len(line)} characters"
        for path in sorted(folder.rglob("*.yaml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert long == []
