"""The timeline: a lane for each start, the saves, the previews and what broke."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.report.charts.timeline import timeline
from diagnose.verdict.curves import Curves, Session, SlowPart
from diagnose.verdict.report import Report


def rows(report: Report) -> list[list[str]]:
    (found,) = timeline(report)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown([found.table])[0].splitlines()[2:]]


def test_starts_saves_and_previews_have_lanes(failing: Report) -> None:
    told = rows(failing)
    assert told[:2] == [
        ["start 1", "step 0 to 1200; interrupted"],
        ["start 2", "step 1100 to 3069, resumed from 1100; crashed"],
    ]
    assert ["saves", "save at step 100"] in told
    assert told[-3:] == [["previews", f"preview at step {step}"] for step in (0, 1000, 2000)]
    (found,) = timeline(failing)
    assert found.drawing.count('class="bad"') == 1


def test_losses_that_are_no_numbers_are_marked_to_the_end(failing: Report) -> None:
    broken = replace(failing, curves=replace(failing.curves, nan_steps=(1500, 1570)))
    assert rows(broken)[-1] == ["NaN", "loss is not a number from step 1500 on, 1570 steps in all"]


def test_a_save_worth_keeping_stands_out(failing: Report) -> None:
    kept = tuple(replace(row, keep=row.step == 2000) for row in failing.checkpoints)
    assert ["saves", "save at step 2000, worth keeping"] in rows(replace(failing, checkpoints=kept))


def test_many_starts_are_numbered_from_the_first_and_the_last_are_shown(unknown: Report) -> None:
    many = Curves(sessions=tuple(Session(at, at + 5, "") for at in range(20)))
    assert [name for name, _ in rows(replace(unknown, curves=many))] == [f"start {n}" for n in range(13, 21)]


def test_a_start_that_trained_nothing_has_no_lane_and_an_empty_run_no_timeline(unknown: Report) -> None:
    assert timeline(unknown) == []
    assert timeline(replace(unknown, curves=Curves(sessions=(Session(None, None, "crashed"),)))) == []


def test_slow_stretches_are_marked(failing: Report) -> None:
    slow = replace(failing, curves=replace(failing.curves, slow=(SlowPart(300, 899, 30.0),)))
    assert ["slow", "step 300 to 899: up to 30.0 times as long as the quickest steps"] in rows(slow)
