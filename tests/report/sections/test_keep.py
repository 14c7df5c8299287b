"""The answer comes first, and what has no say is named with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.facts.weights.keep import Keep
from diagnose.report.sections.keep import keep
from diagnose.verdict.report import Report


def choice(report: Report) -> Keep:
    assert report.evolution is not None
    assert report.evolution.keep is not None
    return report.evolution.keep


def changed(report: Report, **changes: object) -> Report:
    assert report.evolution is not None
    return replace(report, evolution=replace(report.evolution, keep=replace(choice(report), **changes)))  # type: ignore[arg-type]


def test_the_band_is_named_with_each_criterions_part_in_it(failing: Report) -> None:
    heading, answer, rows, silent, *_ = keep(failing)
    assert heading == "## Which checkpoint to keep"
    assert answer == "**Step 1900 to 2100**: 3 saved steps, equals by all the evidence there is."
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in rows.splitlines()[2:]]
    assert [line[:2] for line in lines] == [
        ["growth", "step 100 to 2400"],
        ["strength", "step 3000"],
        ["loss, high-noise expert", "step 900"],
    ]
    assert [line[3] for line in lines] == ["narrows it", "shown only", "overruled by those above"]
    assert silent == "No say here: whole files (all numbers are finite)."


def test_a_criterion_that_leaves_nothing_out_any_more_agrees(failing: Report) -> None:
    agreeing = replace(choice(failing).opinions[0], narrows=False)
    assert "| agrees" in keep(changed(failing, opinions=(agreeing,)))[2]


def test_what_it_cannot_see_is_always_said(failing: Report) -> None:
    assert keep(failing)[-1] == "- How well anything was learned."


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"steps": (), "against": ()}, "**Nothing known tells the saved checkpoints apart.** The samples have to."),
        (
            {"steps": ()},
            "**Nothing known prefers one of the saved checkpoints that remain.** The samples have to.",
        ),
        ({"steps": (2100,)}, "**Step 2100** alone, by all the evidence there is."),
    ],
)
def test_other_answers(failing: Report, changes: dict[str, object], answer: str) -> None:
    assert keep(changed(failing, **changes))[1] == answer


def test_a_single_save_is_said_to_be_one(failing: Report) -> None:
    single = replace(changed(failing, steps=(100,)), checkpoints=failing.checkpoints[:1])
    assert keep(single)[1] == "Only step **100** is saved."


def test_one_reason_of_several_criteria_is_given_once(failing: Report) -> None:
    silent = [replace(each, favours=None, because="unknown") for each in choice(failing).opinions[:2]]
    assert "No say here: growth, strength (unknown)." in keep(changed(failing, opinions=tuple(silent)))


def test_nothing_measured_nothing_said(healthy: Report, unknown: Report) -> None:
    assert keep(healthy) == keep(unknown) == []
