from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.sources.log_rows import ExpertSource, LogRow
from diagnose.sources.row_writer import rows_of
from diagnose.trainers.aitoolkit import expert_turns as module
from diagnose.trainers.aitoolkit.expert_turns import finish_rows, infer_experts


def test_a_rate_is_unknown_until_its_expert_steps_and_stays_as_it_is_then() -> None:
    rates = [(1e-5, 0.0), (2e-5, 0.0), (2e-5, 1e-5), (0.0, 1e-5)]
    rows = [LogRow(step, step, rates={"high": high, "low": low}) for step, (high, low) in enumerate(rates)]
    finished = finish_rows(rows_of("a.log", rows))
    assert [row.rates.get("low") for row in finished] == [None, None, 1e-5, 1e-5]
    assert [row.rates["high"] for row in finished] == [1e-5, 2e-5, 2e-5, 0.0]


def test_a_shared_rate_of_zero_is_a_rate() -> None:
    (row,) = finish_rows(rows_of("a.log", [LogRow(0, 1, lr_shared=0.0)]))
    assert row.lr_shared == 0


HIGH, LOW = "high", "low"


def row(step: int, high: float | None = None, low: float | None = None, expert: str | None = None) -> LogRow:
    source = None if expert is None else ExpertSource.LOGGED
    rates = {name: rate for name, rate in ((HIGH, high), (LOW, low)) if rate is not None}
    return LogRow(step, step + 1, rates=rates, expert=expert, expert_source=source)


def experts(rows: list[LogRow]) -> list[str | None]:
    return [row.expert for row in infer_experts(rows_of("a.log", rows))]


def test_the_only_expert_with_a_rate_is_the_one_that_trains() -> None:
    (inferred,) = infer_experts(rows_of("a.log", [row(0, high=1e-5)]))
    assert (inferred.expert, inferred.expert_source) == (HIGH, ExpertSource.RATE)
    assert experts([row(0, low=1e-5)]) == [LOW]


def test_the_rate_that_moved_alone_names_the_expert() -> None:
    rows = [row(0, 1.0), row(1, 2.0), row(2, 2.0, 1.0), row(3, 2.0, 2.0)]
    inferred = infer_experts(rows_of("a.log", rows))
    assert [row.expert for row in inferred] == [HIGH, HIGH, LOW, LOW]
    assert {row.expert_source for row in inferred} == {ExpertSource.RATE}


@pytest.mark.parametrize(
    "rows",
    [
        [row(5, 1.0, 1.0), row(6, 1.0, 1.0)],  # none moved
        [row(5, 1.0, 1.0), row(6, 2.0, 2.0)],  # both moved
        [row(5, 1.0, 1.0), row(9, 2.0, 1.0)],  # others may have trained between
        [row(5), row(6)],  # one shared rate
    ],
)
def test_rates_that_do_not_tell_leave_it_unknown(rows: list[LogRow]) -> None:
    assert experts(rows) == [None] * len(rows)


def test_a_logged_expert_is_never_overruled() -> None:
    rows = [row(0, 1.0, 1.0, LOW), row(1, 2.0, 1.0, LOW)]
    assert infer_experts(rows_of("a.log", rows)) == rows_of("a.log", rows)


def test_the_cadence_of_known_rows_names_the_rest() -> None:
    rows = [row(step, expert=None if step in {3, 10, 17} else (HIGH, LOW)[step // 5 % 2]) for step in range(20)]
    inferred = infer_experts(rows_of("a.log", rows))
    assert [row.expert for row in inferred] == [(HIGH, LOW)[step // 5 % 2] for step in range(20)]
    assert inferred[10].expert_source is ExpertSource.CADENCE


def test_several_block_lengths_that_fit_name_nothing() -> None:
    rows = [row(0, expert=HIGH), row(5), row(9, expert=LOW), row(10)]  # blocks of 9 fit, of 7, of 3, ...
    assert experts(rows) == [HIGH, None, LOW, None]


def test_a_change_off_the_cadence_names_nothing() -> None:
    known = [HIGH] * 4 + [LOW] * 4 + [HIGH] * 3 + [LOW] * 4
    rows = [row(step, expert=expert) for step, expert in enumerate(known)]
    assert experts([*rows, row(len(rows))])[-1] is None


def test_a_first_change_beyond_any_block_names_nothing() -> None:
    assert experts([row(0, expert=HIGH), row(1), row(999_999_999, expert=LOW)]) == [HIGH, None, LOW]


def test_the_search_ends_at_the_second_length_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def looking(steps: list[int], length: int) -> int:
        tried.append(length)
        return bisect_left(steps, length)

    monkeypatch.setattr(module, "bisect_left", looking)
    assert experts([row(0, expert=HIGH), row(1), row(90_001, expert=LOW)])[1] is None
    assert len(tried) < 10


def test_one_expert_alone_has_no_cadence() -> None:
    assert experts([row(0, expert=HIGH), row(1, expert=HIGH), row(2)])[-1] is None
    assert experts([row(0, expert=LOW), row(1)])[-1] is None


@settings(deadline=None)
@given(length=st.integers(1, 12), hidden=st.sets(st.integers(0, 59)))
def test_inference_never_contradicts_the_schedule(length: int, hidden: set[int]) -> None:
    truth = [(HIGH, LOW)[step // length % 2] for step in range(60)]
    rows = [row(step, expert=expert) for step, expert in enumerate(truth)]
    masked = [replace(row, expert=None, expert_source=None) if row.step in hidden else row for row in rows]
    for inferred, true in zip(experts(masked), truth, strict=True):
        assert inferred in {true, None}
