"""Long runs are thinned, and what is left out is said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from diagnose.report.sections.checkpoints import MOST_ROWS, best_ratio, checkpoints, thinned
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import CheckpointRow

FINAL = True


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.just(n), st.none() | st.integers(0, n - 1))))
def test_the_ends_and_the_best_with_its_neighbours_are_always_shown(case: tuple[int, int | None]) -> None:
    count, best = case
    shown = thinned(count, best)
    assert shown == sorted(set(shown))
    assert {0, count - 1} <= set(shown)
    assert len(shown) == count if count <= MOST_ROWS else MOST_ROWS // 2 < len(shown) <= MOST_ROWS
    if best is not None:
        assert {max(0, best - 1), best, min(count - 1, best + 1)} <= set(shown)


NOTHING = {"high": None, "low": None}


def test_the_failing_run_shows_its_best_in_bold_and_counts_the_rest(failing: Report) -> None:
    _, rows, note = checkpoints(failing)
    shown = [line.split("|")[1].strip() for line in rows.splitlines()[2:]]
    assert shown == ["100", "500", "900", "1300", "1700", "2000", "2100", "2200", "2500", "2900", "3000"]
    assert next(line for line in rows.splitlines() if "**" in line).startswith("| 2100 ")
    assert "**1.24**" in rows
    assert "11 of 30 saved steps are shown; the other 19 are in the JSON report." in note


def test_one_ratio_is_no_best(failing: Report) -> None:
    rows = failing.checkpoints[:1]
    assert best_ratio(rows) is None
    assert "**" not in checkpoints(replace(failing, checkpoints=rows))[1]


def test_a_ratio_from_the_middle_of_a_turn_is_not_the_best_however_large(failing: Report) -> None:
    rows = [replace(row, weight_ratio=2.0) if row.step == 2300 else row for row in failing.checkpoints]
    best = best_ratio(rows)
    assert best is not None
    assert rows[best].step == 2100


def test_columns_nobody_measured_are_left_out(failing: Report) -> None:
    bare = replace(failing.checkpoints[0], lr=NOTHING, lr_ratio=None, update_norm={"high": None, "low": 3.1})
    header = checkpoints(replace(failing, checkpoints=(bare,)))[1].splitlines()[0]
    assert [cell.strip() for cell in header.split("|")[1:-1]] == [
        "Step",
        "High magnitude",
        "Low magnitude",
        "Weight ratio",
        "Low update norm",
    ]


def test_unmeasured_and_unnumbered_checkpoints_are_said_to_be(failing: Report) -> None:
    row = CheckpointRow(None, FINAL, NOTHING, None, NOTHING, NOTHING, None, ())
    page = "\n".join(checkpoints(replace(failing, checkpoints=(row,))))
    assert "no step in its name, final" in page
    assert "Their weights were not measured." in page
