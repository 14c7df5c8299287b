"""Whole consoles in the wordings of the real libraries: each dies of its kind, in its phase, with its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import KNOWLEDGE
from consoles import how_it_ended

CONSOLES = yaml.safe_load((Path(__file__).parent / "data" / "consoles.yaml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = CONSOLES["cases"]


def written(case: dict[str, Any]) -> str:
    opening: str = CONSOLES["openings"][case["opening"]] if case["opening"] else ""
    return opening + str(case["text"])


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case['kind']}" for number, case in enumerate(CASES)])
def test_a_console_shows_what_it_died_of(tmp_path: Path, case: dict[str, Any]) -> None:
    console = tmp_path / "console.log"
    console.write_text(written(case), encoding="utf-8")
    trainer = None if case["trainer"] == "any" else case["trainer"]
    ended = how_it_ended(console, trainer)
    assert ended.match is not None
    assert ended.match.kind.id == case["kind"]
    assert ended.phase == case["phase"]
    assert set(case.get("values", ())) <= set(ended.shown)
    assert ended.match.sure.value == case.get("sure", ended.match.kind.sure.value)


def test_at_least_sixty_kinds_are_in_consoles() -> None:
    assert len({case["kind"] for case in CASES}) >= 60
    assert {case["kind"] for case in CASES} <= set(KNOWLEDGE.crashes)
