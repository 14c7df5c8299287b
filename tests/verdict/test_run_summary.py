"""What a run is, and what no file could add to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from labelled_runs import DATA
from msgspec.structs import replace

from diagnose import Settings, postmortem
from diagnose.api import understand
from diagnose.core.values import Fact, Intent, Scalar
from diagnose.facts.known import Known
from diagnose.settings import rule_base
from diagnose.verdict.run_summary import about


def test_a_run_of_one_expert_is_not_asked_for_what_it_cannot_have() -> None:
    report = postmortem(DATA / "fork-one-expert")
    alone, empty = report.run.validity[-2:]
    assert "leaves the low-noise expert out" in alone
    assert "metrics_d_high_only.jsonl has no rows" in empty
    both = " ".join(postmortem(DATA / "fork-frozen").run.validity)
    assert "leaves the" not in both
    assert "no rows" not in both


def test_the_pace_is_told_where_the_log_has_times() -> None:
    pace = postmortem(DATA / "fork-w_pruned").run.pace
    assert pace is not None
    assert 1.6 < pace.last < 1.8
    assert postmortem(DATA / "fork-one-expert").run.pace is None


@pytest.fixture(scope="module")
def known(v17_dir: Path) -> Known:
    return understand(v17_dir, Settings(intent=Intent.MOTION)).known


def with_fact(known: Known, name: str, value: Scalar | None, subject: str = "run") -> Known:
    others = [fact for fact in known.facts if fact.key != (name, subject)]
    return replace(known, facts=(*others, Fact(name, subject, value)))


def test_previews_and_saves_that_cannot_be_told_apart_are_named_together(known: Known) -> None:
    for name, value in {"log.pace": 9.0, "log.pace_last": 9.0, "log.pause_share": 0.4}.items():
        known = with_fact(known, name, value)
    for apart in (False, True):
        told = with_fact(known, "log.pauses_apart", value=apart)
        pace = about(told.evidence.readings, told, rule_base(Settings()).knowledge.domain).pace
        assert pace is not None
        assert ("previews and saves" in pace.lost) is not apart
