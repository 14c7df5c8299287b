"""The whole base judged: what may be missing where a file could not be read is no fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from diagnose.rulebase.reading.load import Reading


def test_a_file_that_cannot_be_read_is_the_only_fault(base: Path, read: Callable[[], Reading]) -> None:
    path = base / "rules/WGT001-high-noise-too-weak.yaml"
    path.write_text("id: [\n", encoding="utf-8")
    assert {Path(fault.file).name for fault in read().faults} == {path.name}, "what it concludes may be there"


def test_a_rule_that_is_gone_leaves_its_readers_at_fault(base: Path, read: Callable[[], Reading]) -> None:
    (base / "rules/WGT001-high-noise-too-weak.yaml").unlink()
    found = [(Path(fault.file).name[:6], fault.text) for fault in read().faults]
    assert ("CAU001", "when[0].fact: no rule derives symptom.high_noise_too_weak") in found
