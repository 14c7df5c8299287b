"""The command that writes the next config; what stands around it is held by `test_to_do`."""

from __future__ import annotations

from dataclasses import replace

from diagnose.report.sections.next_run_steps import command, next_run, questions
from diagnose.verdict.report import Report


def test_the_command_has_what_the_user_said(failing: Report) -> None:
    assert command(failing) == "diagnose next runs/run-v15 --intent motion -o next.yaml"
    two = replace(failing, next=replace(failing.next, apart=True))
    assert command(two) == "diagnose next runs/run-v15 --intent motion --split -o next.yaml"


def test_nothing_waits_and_nothing_changes(healthy: Report) -> None:
    assert questions(healthy) == next_run(healthy) == []
