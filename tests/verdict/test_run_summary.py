"""What a run is, and what no file could add to it."""

from __future__ import annotations

from labelled_runs import DATA

from diagnose import postmortem


def test_a_run_of_one_expert_is_not_asked_for_what_it_cannot_have() -> None:
    report = postmortem(DATA / "fork-one-expert")
    alone, empty = report.run.validity[-2:]
    assert "leaves the low-noise expert out" in alone
    assert "metrics_d_high_only.jsonl has no rows" in empty
    both = " ".join(postmortem(DATA / "fork-frozen").run.validity)
    assert "leaves the" not in both
    assert "no rows" not in both


def test_the_pace_is_told_where_the_log_has_times() -> None:
    pace = postmortem(DATA / "fork-frozen").run.pace
    assert pace is None or pace.last > 0
    assert postmortem(DATA / "fork-one-expert").run.pace is None
