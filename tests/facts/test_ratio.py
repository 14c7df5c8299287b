"""The ratio that a run is judged by, and its band."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import TARGETS, alternating, facts_of, model, readings, recorder, value
from expert_config import configuring

from diagnose.core.model import Quality
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.effective import effective_rates
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.outlook.expectation import expect
from diagnose.facts.ratio import LiveRatio, record_ratio
from diagnose.sources.log_readings import LogRow


def moving(step: int, expert: Expert) -> LogRow:
    return LogRow(step, step + 1, loss=0.1, expert=expert, lr_high=1e-5 + step * 1e-7, lr_low=5e-6 + step * 1e-8)


def series() -> Series:
    found = build_series(readings(metrics=alternating(100, 10, moving)))
    assert found is not None
    return found


def test_the_log_decides_and_its_ratio_scatters_by_the_tolerance(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)()
    record_ratio(
        series(), None, effective_rates(config, model()), expect(config, model(), 0.486), targets=TARGETS, record=record
    )
    fact = facts_of(record)["lr.ratio", "run"]
    assert fact.value == pytest.approx(2.82, abs=0.4)
    assert (fact.samples, fact.places[0].line) == (50, 100)
    assert value(record, "lr.ratio_least") == pytest.approx(value(record, "lr.ratio") / 1.12)
    assert value(record, "lr.ratio_most") == pytest.approx(value(record, "lr.ratio") * 1.12)
    assert value(record, "lr.ratio_basis") == "median from step 50 to 99"


def test_without_a_log_the_config_is_judged_by_what_it_comes_to(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)(train={"steps": 10000, "switch_boundary_every": 100})
    expected = expect(config, model(), 0.486, TARGETS.longest)
    record_ratio(None, None, effective_rates(config, model()), expected, targets=TARGETS, record=record)
    assert expected.forecast is not None
    point = next(point for point in expected.forecast.points if point.step == TARGETS.longest)
    assert value(record, "lr.ratio") == point.lr_ratio < 1.5
    assert (value(record, "lr.ratio_least"), value(record, "lr.ratio_most")) == point.band
    assert value(record, "lr.ratio_basis") == (
        f"forecast for step 2200: {point.band[0]:.2f} to {point.band[1]:.2f}; declared: 2.00"
    )


def test_rates_that_never_move_keep_the_ratio_of_the_settings(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)(train={"optimizer": "adamw", "optimizer_params": None})
    record_ratio(
        None, None, effective_rates(config, model()), expect(config, model(), 0.486), targets=TARGETS, record=record
    )
    assert [value(record, f"lr.ratio{end}") for end in ("", "_least", "_most")] == [1, 1, 1]
    assert value(record, "lr.ratio_basis") == "from the settings"


def test_live_rates_stand_in_for_a_log_without_rates(tmp_path: Path) -> None:
    record, config = recorder(), configuring(tmp_path)()
    live = LiveRatio(4.0, "optimizer.pt")
    record_ratio(
        None, live, effective_rates(config, model()), expect(config, model(), 0.486), targets=TARGETS, record=record
    )
    assert value(record, "lr.ratio") == 4
    assert facts_of(record)["lr.ratio", "run"].places[0].file == "optimizer.pt"


def test_nothing_known_stays_unknown() -> None:
    record = recorder()
    record_ratio(None, None, None, None, targets=TARGETS, record=record)
    assert facts_of(record)["lr.ratio", "run"].quality is Quality.UNKNOWN
