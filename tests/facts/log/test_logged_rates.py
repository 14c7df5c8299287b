from collections.abc import Mapping
from dataclasses import replace

import pytest
from builders import alternating, facts_of, readings, recorder, value
from run_evidence import evidence

from diagnose.core.model import Quality
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.logged_rates import extract, observed_ratio
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import LogRow
from diagnose.trainers.aitoolkit.expert_rates import EffectiveRates, PerExpert


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
