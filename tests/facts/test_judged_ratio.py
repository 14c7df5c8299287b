"""The ratio that a run is judged by, and its band."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import TARGETS, alternating, facts_of, readings, recorder, value
from expert_config import configuring
from run_evidence import evidence

from diagnose.core.values import Quality
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.judged_ratio import extract, logs_rates, record_live_rates
from diagnose.facts.log.series import Series, build_series
from diagnose.sources.log_rows import LogRow
from diagnose.weights.measurement import OptimizerReading, ParamGroup


def moving(step: int, expert: Expert) -> LogRow:
    return LogRow(
        step, step + 1, loss=0.1, expert=expert, rates={"high": 1e-5 + step * 1e-7, "low": 5e-6 + step * 1e-8}
    )


def series() -> Series:
    found = build_series(readings(metrics=alternating(100, 10, moving)))
    assert found is not None
    return found


def test_the_log_decides_and_its_ratio_scatters_by_the_tolerance(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)()
    extract(evidence(config, series=series()), record)
    fact = facts_of(record)["lr.ratio", "run"]
    assert fact.value == pytest.approx(2.82, abs=0.4)
    assert (fact.samples, fact.places[0].line) == (50, 100)
    assert value(record, "lr.ratio_least") == pytest.approx(value(record, "lr.ratio") / 1.12)
    assert value(record, "lr.ratio_most") == pytest.approx(value(record, "lr.ratio") * 1.12)
    assert value(record, "lr.ratio_basis") == "median from step 50 to 99"


def test_without_a_log_the_config_is_judged_by_what_it_comes_to(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)(train={"steps": 10000, "switch_boundary_every": 100})
    found = evidence(config)
    extract(found, record)
    expected = found.expectation
    assert expected is not None
    assert expected.forecast is not None
    point = next(point for point in expected.forecast.points if point.step == TARGETS.longest)
    assert value(record, "lr.ratio") == point.lr_ratio < 1.5
    assert (value(record, "lr.ratio_least"), value(record, "lr.ratio_most")) == point.band
    assert value(record, "lr.ratio_basis") == (
        f"forecast for step 2200: {point.band[0]:.2f} to {point.band[1]:.2f}; declared: 2.00"
    )


def test_rates_that_never_move_keep_the_ratio_of_the_settings(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)(train={"optimizer": "adamw", "optimizer_params": None})
    extract(evidence(config), record)
    assert [value(record, f"lr.ratio{end}") for end in ("", "_least", "_most")] == [1, 1, 1]
    assert value(record, "lr.ratio_basis") == "from the settings"


def test_live_rates_stand_in_for_a_log_without_rates(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)()
    groups = (ParamGroup(5e-6, 5e-6, 3e-4, rate) for rate in (4e-4, 1e-4))
    extract(evidence(config, optimizer=OptimizerReading("optimizer.pt", tuple(groups))), record)
    assert value(record, "lr.ratio") == 4
    assert facts_of(record)["lr.ratio", "run"].places[0].file == "optimizer.pt"


def test_nothing_known_stays_unknown() -> None:
    record = recorder()
    extract(evidence(), record)
    assert facts_of(record)["lr.ratio", "run"].quality is Quality.UNKNOWN


def group(rate: float | None) -> ParamGroup:
    return ParamGroup(5e-6, 5e-6, 3e-4, rate)


def test_the_ratio_is_that_of_the_groups_rates() -> None:
    record = recorder()
    state = OptimizerReading("optimizer.pt", (group(3e-4), group(1e-4)))
    assert record_live_rates(state, record) == pytest.approx(3)
    fact = facts_of(record)["optimizer.live_rate", "high"]
    assert fact.value == pytest.approx(3e-4)
    assert fact.places[0].file == "optimizer.pt"


def test_one_group_for_both_experts_says_nothing_about_either() -> None:
    record = recorder()
    assert record_live_rates(OptimizerReading("optimizer.pt", (group(1e-4),)), record) is None
    assert record_live_rates(None, record) is None
    assert value(record, "optimizer.live_rate", "high") is None


def test_a_log_with_rates_makes_the_state_superfluous() -> None:
    rows = alternating(10, 5, lambda step, e: LogRow(step, step, expert=e, rates={"high": 1e-4, "low": 1e-5}))
    assert logs_rates(build_series(readings(metrics=rows)))
    assert not logs_rates(build_series(readings(metrics=[LogRow(0, 1, loss=0.5, lr_shared=1e-4)])))
    assert not logs_rates(None)


def test_bounds_of_the_optimizer_are_held_against_those_of_the_config() -> None:
    record = recorder()
    for name, due in (("lr_bump", 1e-6), ("lr_min", 1e-6), ("lr_max", 1e-4)):
        record.known(f"effective.{name}", due, subject="high")
    groups = tuple(ParamGroup(1e-6, 1e-6, 3e-4, None) for _ in Expert)
    record_live_rates(OptimizerReading("optimizer.pt", groups), record)
    assert record.number("gap.lr_bounds", "high") == pytest.approx(3)
    assert record.number("optimizer.lr_max", "low") == 3e-4
    assert record.get("gap.lr_bounds", "low") is None, "the config gives none to hold it against"
