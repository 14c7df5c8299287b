from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diagnose.sources.columns import there
from diagnose.sources.log_rows import NO_ROWS, ExpertSource, LogRow, LogRows, joined, latest_rows
from diagnose.sources.row_writer import rows_of

NUMBER = st.none() | st.floats(-1e6, 1e6)
ROW = st.builds(
    LogRow,
    step=st.integers(0, 30),
    line=st.none() | st.integers(1, 99),
    time=NUMBER,
    loss=NUMBER,
    expert=st.sampled_from([None, "high", "low"]),
    expert_source=st.sampled_from([None, *ExpertSource]),
    rates=st.dictionaries(st.sampled_from(["high", "low"]), st.floats(0, 1)),
    phase=st.none() | st.text(max_size=3),
    elapsed=NUMBER,
)
ROWS = st.lists(ROW, max_size=20, unique_by=lambda row: row.step).map(lambda rows: sorted(rows, key=lambda r: r.step))


def held(rows: list[LogRow]) -> LogRows:
    return rows_of("a.log", rows)


@given(ROWS, st.slices(20))
def test_rows_are_as_they_were_whole_and_in_part(rows: list[LogRow], part: slice) -> None:
    part = slice(part.start, part.stop)
    assert list(held(rows)) == rows
    assert list(held(rows)[part]) == rows[part]
    odd = held(rows).where([row.step % 2 for row in rows])
    assert list(odd) == list(odd.packed()) == [row for row in rows if row.step % 2]
    assert there(odd.numbers("loss")) == [row.loss is not None for row in odd]
    assert list(odd[part].words("phase")) == [row.phase for row in list(odd)[part]]


def test_a_column_without_a_value_is_as_long_as_the_others() -> None:
    rows = held([LogRow(0, 1), LogRow(1, None)])
    assert [str(each) for each in (*rows.numbers("loss"), *rows.rate("high"))] == ["nan"] * 4
    assert rows.words("expert") == [None, None]
    assert rows.rated == ()


def test_renewed_rows_have_the_new_columns_alone() -> None:
    rows = held([LogRow(0, 1, rates={"high": 1.0}, loss=0.5), LogRow(1, 2, expert="low")])[1:]
    (row,) = rows.renewed(words={"expert": ["high"]}, rates={})
    assert row == LogRow(1, 2, expert="high")


@given(ROWS, st.integers(0, 20))
def test_parts_join_to_the_whole(rows: list[LogRow], at: int) -> None:
    assert joined([held(rows)[:at], held(rows)[at:]]) == held(rows)


def test_a_later_start_replaces_all_from_its_first_step_on() -> None:
    starts = [held([LogRow(step, line) for step in steps]) for line, steps in ((1, (0, 1, 2)), (2, ()), (3, (1,)))]
    assert [(row.step, row.line) for row in latest_rows(starts)] == [(0, 1), (1, 3)]
    assert latest_rows([]) == NO_ROWS
