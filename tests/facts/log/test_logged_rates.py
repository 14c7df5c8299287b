from collections.abc import Mapping

import pytest
from builders import alternating, facts_of, readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence

from diagnose.core.values import Quality
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.logged_rates import extract, observed_ratio, rates_at, ratio_of, tells_rates_exactly
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_rows import LogRow
from diagnose.trainers.answers import EffectiveRates, PerExpert


def series(rows: list[LogRow], *, upstream: bool = False) -> Series:
    found = build_series(readings(loss_db=rows) if upstream else readings(metrics=rows))
    assert found is not None
    return found


def moving(step: int, expert: Expert) -> LogRow:
    return LogRow(
        step, step + 1, loss=0.1, expert=expert, rates={"high": 1e-5 + step * 1e-7, "low": 5e-6 + step * 1e-8}
    )


def frozen(step: int, expert: Expert) -> LogRow:
    return LogRow(step, step + 1, loss=0.1, expert=expert, rates={"high": 1.7e-5, "low": 1.3e-5})


def shared(step: int, expert: Expert) -> LogRow:
    return LogRow(step, step + 1, loss=0.1, expert=expert, lr_shared=1e-4)


def ends(bounds: Mapping[Expert, tuple[float, float]]) -> dict[tuple[Expert, str], float]:
    names = ("min", "max")
    return {(expert, name): bounds[expert][at] for expert in bounds for at, name in enumerate(names)}


def rates(logged: Series, bounds: Mapping[Expert, tuple[float, float]], record: Recorder) -> None:
    taken = EffectiveRates(PerExpert.NONE, "", (), None, None, ends(bounds), ())
    extract(evidence(series=logged, latest=logged, rates=taken), record)


def test_the_ratio_is_the_median_of_the_second_half() -> None:
    ratio = observed_ratio(series(alternating(100, 10, moving)))
    assert ratio is not None
    assert ratio.last == pytest.approx((1e-5 + 99e-7) / (5e-6 + 99e-8))
    assert ratio.first_row.step == 50
    assert ratio.samples == 50


def test_a_rate_before_the_first_step_never_divides() -> None:
    rows = [LogRow(0, 1, rates={"high": 1e-5}), LogRow(1, 2, rates={"high": 1e-5, "low": 0.0})]
    assert observed_ratio(series(rows)) is None


def test_one_rate_serves_both_experts_on_the_fork_and_neither_upstream() -> None:
    rows = alternating(40, 10, shared)
    ratio = observed_ratio(series(rows))
    assert ratio is not None
    assert ratio.median == 1
    assert observed_ratio(series(rows, upstream=True)) is None


def test_frozen_rates_are_seen_and_moving_ones_are_not() -> None:
    for row, expected in ((frozen, True), (moving, False)):
        record = recorder()
        rates(series(alternating(40, 1, row)), {}, record)
        assert value(record, "log.lr_frozen") is expected


def test_the_noise_of_8_bit_storage_is_no_movement() -> None:
    def noisy(step: int, expert: Expert) -> LogRow:
        return LogRow(
            step, step + 1, loss=0.1, expert=expert, rates={"high": 1.75e-5 * (1 + 0.001 * (step % 4)), "low": 1.3e-5}
        )

    record = recorder()
    rates(series(alternating(40, 1, noisy)), {}, record)
    assert value(record, "log.lr_frozen") is True


def test_a_rate_at_its_ceiling_is_not_frozen() -> None:
    record = recorder()
    rates(series(alternating(40, 1, frozen)), {Expert.HIGH: (0.0, 1.7e-5), Expert.LOW: (1.3e-5, 2e-5)}, record)
    assert value(record, "log.lr_frozen") is False
    assert value(record, "log.lr_at_ceiling", "high") == pytest.approx(1)
    assert not facts_of(record)["log.lr_at_floor", "high"].known
    assert value(record, "log.lr_at_floor", "low") == pytest.approx(1)


def test_a_ceiling_of_zero_is_no_measure() -> None:
    record = recorder()
    rates(series(alternating(40, 1, moving)), {Expert.HIGH: (0.0, 0.0), Expert.LOW: (0.0, 0.0)}, record)
    assert not facts_of(record)["log.lr_at_ceiling", "high"].known


def test_a_few_steps_do_not_show_a_frozen_rate() -> None:
    record = recorder()
    rates(series(alternating(20, 1, frozen)), {}, record)
    assert facts_of(record)["log.lr_frozen", "run"].quality is Quality.UNKNOWN


def test_whether_rates_move_is_asked_of_the_last_start() -> None:
    record = recorder()
    logged = series(
        [*alternating(40, 1, moving), *(replace(row, step=row.step + 40) for row in alternating(40, 1, frozen))]
    )
    extract(evidence(series=logged, latest=replace(logged, rows=logged.rows[40:])), record)
    assert value(record, "log.lr_frozen") is True
    assert value(record, "log.lr_first", "high") == 1e-5


def frozen_at(values: list[float], ceiling: float | None = None) -> bool | None:
    """Whether a rate of these values stands still, each of them logged at a step of the high-noise expert."""
    rows = [LogRow(s, s + 1, expert=Expert.HIGH, rates={"high": each}) for s, each in enumerate(values)]
    record = recorder()
    rates(series(rows), {Expert.HIGH: (0.0, ceiling), Expert.LOW: (0.0, ceiling)} if ceiling else {}, record)
    return record.truth("log.lr_frozen")


def test_fifteen_steps_show_whether_a_rate_moves() -> None:
    assert frozen_at([1e-5] * 14) is None
    assert frozen_at([1e-5] * 15) is True


def test_half_a_percent_is_the_most_that_storage_moves_a_rate() -> None:
    assert frozen_at([1000.0] * 14 + [1005.0]) is True
    assert frozen_at([1000.0] * 14 + [1005.01]) is False


def test_a_rate_at_the_ceiling_stands_still_for_that_reason() -> None:
    assert frozen_at([0.98] * 15, ceiling=1.0) is False
    assert frozen_at([0.97] * 15, ceiling=1.0) is True
    assert frozen_at([0.98] * 14 + [0.979], ceiling=1.0) is True, "the last value counts"


def test_the_rates_of_a_step_are_those_of_the_last_row_up_to_it() -> None:
    logged = series([LogRow(step, step + 1, rates={"high": float(step), "low": 1.0}) for step in (5, 10)])
    assert [rates_at(logged, step).get("high") for step in (4, 5, 9, 10, 11)] == [None, 5, 5, 10, 10]


def test_a_ratio_needs_both_rates() -> None:
    assert ratio_of({"high": 4e-5, "low": 1e-5}) == pytest.approx(4)
    for missing in ({"high": 4e-5}, {"low": 1e-5}, {"high": 4e-5, "low": 0.0}):
        assert ratio_of(missing) is None


def test_only_a_log_with_exact_rates_of_both_experts_is_held_against_settings() -> None:
    logged = series(alternating(10, 5, moving)).log
    assert tells_rates_exactly(logged)
    for less in ({"exact": False}, {"per_expert_rates": None}, {"per_expert_rates": False}):
        assert not tells_rates_exactly(replace(logged, abilities=replace(logged.abilities, **less)))


def test_rows_without_a_rate_do_not_count_upstream() -> None:
    rows = [LogRow(s, s + 1, lr_shared=1e-4 if s % 2 else None) for s in range(40)]
    record = recorder()
    rates(series(rows, upstream=True), {}, record)
    assert value(record, "log.lr_frozen") is True
    assert value(record, "log.lr_shared_last") == 1e-4


def test_without_rows_since_the_last_start_nothing_is_said() -> None:
    record = recorder()
    extract(evidence(series=series(alternating(40, 1, moving)), latest=None), record)
    assert record.get("log.lr_first", "high") is None
