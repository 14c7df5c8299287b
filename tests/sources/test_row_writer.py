from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources import row_writer
from diagnose.sources.log_rows import LogRow
from diagnose.sources.row_writer import RowWriter, rows_of


@given(st.lists(st.tuples(st.integers(0, 8), st.none() | st.floats(0, 1)), max_size=60), st.integers(1, 5))
def test_rows_come_in_order_of_step_and_the_last_written_counts(
    written: list[tuple[int, float | None]], batch: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_writer, "BATCH", batch)
        writer, seen = RowWriter("a.log"), dict[int, LogRow]()
        for line, (step, loss) in enumerate(written, 1):
            row = LogRow(step, line, loss=loss, rates={} if loss is None else {"high": loss})
            assert writer.put(row) is (step in seen)
            seen[step] = row
            assert len(writer) == len(seen)
    assert list(writer.rows()) == [seen[step] for step in sorted(seen)]


def test_a_log_too_long_for_any_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_writer, "MOST_ROWS", 2)
    assert len(rows_of("a.log", [LogRow(step, 1) for step in (0, 1, 0, 1)])) == 2
    with pytest.raises(DiagnoseError, match=r"^a\.log: more than 2 steps"):
        rows_of("a.log", [LogRow(step, 1) for step in range(3)])
