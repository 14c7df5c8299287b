"""Texts as people paste them: what each died of, read as `diagnose log -` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import KNOWLEDGE

from diagnose.crashes.session_end import with_ends
from diagnose.sources.console_files import GivenConsole, read_consoles
from diagnose.trainers.any_console import read_any_console
from diagnose.trainers.rooms import run_readers

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "pasted.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case['kind']}" for number, case in enumerate(CASES, start=1)])
def test_a_pasted_text_shows_what_it_died_of(case: dict[str, Any]) -> None:
    readings = read_consoles([GivenConsole(text=case["text"].encode())], run_readers(), read_any_console)
    assert readings.console is not None
    _, ended = with_ends(readings.console, KNOWLEDGE.crashes, KNOWLEDGE.phases)
    assert ended is not None
    assert (ended.match.kind.id if ended.match is not None else None) == case["kind"]
