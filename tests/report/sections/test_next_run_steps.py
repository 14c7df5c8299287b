"""The command that writes the next config; what stands around it is held by `test_to_do`."""

from __future__ import annotations

from labelled_runs import DATA
from msgspec.structs import replace

from diagnose import Settings, postmortem
from diagnose.report.sections.next_run_steps import command, next_run, questions
from diagnose.report.spans import text_of
from diagnose.verdict.report import Report


def test_the_command_has_what_the_user_said(failing: Report) -> None:
    assert command(failing) == "diagnose next runs/run-v15 --intent motion -o next.yaml"
    two = replace(failing, next=replace(failing.next, apart=True))
    assert command(two) == "diagnose next runs/run-v15 --intent motion --split -o next.yaml"


def test_nothing_waits_and_nothing_changes(healthy: Report) -> None:
    assert questions(healthy) == next_run(healthy) == []


def test_where_two_runs_are_advised_their_steps_are_told_and_not_those_of_one() -> None:
    report = postmortem(DATA / "main-o_j_nologging", Settings(intent="motion"))
    plan = report.next
    assert plan.advised is not None
    steps = [change.new for config in plan.advised.configs for change in config.changes if change.setting == "steps"]
    assert len(set(steps)) == 1
    (one,) = (change.new for change in plan.written if change.setting == "steps")
    assert one != steps[0]
    (looked_at,) = (text for text in map(text_of, next_run(report)) if "before you start" in text)
    assert f"{steps[0]}" in looked_at
    assert f"{one}" not in looked_at
