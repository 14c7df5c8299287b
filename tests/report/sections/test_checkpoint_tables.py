"""Long runs are thinned, and what is left out is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from report_text import shown

from diagnose.facts.weights.keep import Keep
from diagnose.report.sections.checkpoint_tables import MOST_ROWS, best_ratio, checkpoints, keep, thinned
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import CheckpointRow

FINAL = True
NOTHING = {"high": None, "low": None}


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.just(n), st.none() | st.integers(0, n - 1))))
def test_the_ends_and_the_best_with_its_neighbours_are_always_shown(case: tuple[int, int | None]) -> None:
    count, best = case
    shown = thinned(count, best)
    assert shown == sorted(set(shown))
    assert {0, count - 1} <= set(shown)
    assert len(shown) == count if count <= MOST_ROWS else MOST_ROWS // 2 < len(shown) <= MOST_ROWS
    if best is not None:
        assert {max(0, best - 1), best, min(count - 1, best + 1)} <= set(shown)


def test_the_failing_run_shows_its_best_in_bold_and_counts_the_rest(failing: Report) -> None:
    _, rows, note = shown(checkpoints(failing))
    steps = [line.split("|")[1].strip() for line in rows.splitlines()[2:]]
    assert steps == ["100", "500", "900", "1300", "1700", "2000", "2100", "2200", "2500", "2900", "3000"]
    assert next(line for line in rows.splitlines() if "**" in line).startswith("| 2100 ")
    assert "**1.24**" in rows
    assert "11 of 30 saved steps; the other 19 are in the JSON report." in note


def test_one_ratio_is_no_best(failing: Report) -> None:
    rows = failing.checkpoints[:1]
    assert best_ratio(rows) is None
    assert "**" not in shown(checkpoints(replace(failing, checkpoints=rows)))[1]


def test_a_ratio_from_the_middle_of_a_turn_is_not_the_best_however_large(failing: Report) -> None:
    rows = [replace(row, weight_ratio=2.0) if row.step == 2300 else row for row in failing.checkpoints]
    best = best_ratio(rows)
    assert best is not None
    assert rows[best].step == 2100


def test_columns_nobody_measured_are_left_out(failing: Report) -> None:
    bare = replace(failing.checkpoints[0], lr=NOTHING, lr_ratio=None, update_norm={"high": None, "low": 3.1})
    header = shown(checkpoints(replace(failing, checkpoints=(bare,))))[1].splitlines()[0]
    assert [cell.strip() for cell in header.split("|")[1:-1]] == [
        "Step",
        "High magnitude",
        "Low magnitude",
        "Weight ratio",
        "Low update norm",
    ]


def test_unmeasured_and_unnumbered_checkpoints_are_said_to_be(failing: Report) -> None:
    row = CheckpointRow(None, FINAL, NOTHING, None, NOTHING, NOTHING, None, ())
    page = "\n".join(shown(checkpoints(replace(failing, checkpoints=(row,)))))
    assert "no step in its name, final" in page
    assert "The weights were not measured." in page


def choice(report: Report) -> Keep:
    assert report.evolution is not None
    assert report.evolution.keep is not None
    return report.evolution.keep


def changed(report: Report, **changes: object) -> Report:
    assert report.evolution is not None
    return replace(report, evolution=replace(report.evolution, keep=replace(choice(report), **changes)))


def test_the_band_is_named_with_each_criterions_part_in_it(failing: Report) -> None:
    heading, answer, rows, silent, *_ = shown(keep(failing))
    assert heading == "## Which checkpoint to keep"
    assert answer == "**Steps 1900 to 2100**: weights and losses can't separate these 3."
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in rows.splitlines()[2:]]
    assert [line[:2] for line in lines] == [
        ["growth", "step 100 to 2400"],
        ["strength", "step 3000"],
        ["loss, high-noise expert", "step 900"],
    ]
    assert [line[3] for line in lines] == ["yes", "no", "no, the criteria above win"]
    assert silent == "Did not help to choose: whole files (all numbers are finite)."


def test_a_criterion_that_leaves_nothing_out_any_more_agrees(failing: Report) -> None:
    agreeing = replace(choice(failing).opinions[0], narrows=False)
    assert "| yes, rules out nothing more" in shown(keep(changed(failing, opinions=(agreeing,))))[2]


def test_what_it_cannot_see_is_always_said(failing: Report) -> None:
    assert shown(keep(failing))[-1] == "- How well anything was learned."


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"steps": (), "against": ()}, "**Weights and losses don't favour any checkpoint.** Compare samples."),
        (
            {"steps": ()},
            "**Weights and losses don't favour any of the checkpoints that remain.** Compare samples.",
        ),
        ({"steps": (2100,)}, "**Step 2100**."),
    ],
)
def test_other_answers(failing: Report, changes: dict[str, object], answer: str) -> None:
    assert shown(keep(changed(failing, **changes)))[1] == answer


def test_a_single_save_is_said_to_be_one(failing: Report) -> None:
    single = replace(changed(failing, steps=(100,)), checkpoints=failing.checkpoints[:1])
    assert shown(keep(single))[1] == "Only step **100** is saved."


def test_one_reason_of_several_criteria_is_given_once(failing: Report) -> None:
    silent = [replace(each, favours=None, because="unknown") for each in choice(failing).opinions[:2]]
    assert "Did not help to choose: growth, strength (unknown)." in shown(
        keep(changed(failing, opinions=tuple(silent)))
    )


def test_nothing_measured_nothing_said(healthy: Report, unknown: Report) -> None:
    assert shown(keep(healthy)) == shown(keep(unknown)) == []
