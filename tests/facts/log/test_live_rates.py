import pytest
from builders import alternating, facts_of, readings, recorder, value

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.live_rates import logs_rates, record_live_rates
from diagnose.facts.log.series import build_series
from diagnose.sources.log_readings import LogRow
from diagnose.weights.run_weights import OptimizerReading, ParamGroup


def group(expert: Expert | None, rate: float | None) -> ParamGroup:
    return ParamGroup(expert, 5e-6, 5e-6, 3e-4, rate)


def test_the_ratio_is_that_of_the_groups_rates() -> None:
    record = recorder()
    state = OptimizerReading("optimizer.pt", (group(Expert.HIGH, 3e-4), group(Expert.LOW, 1e-4)))
    assert record_live_rates(state, record) == pytest.approx(3)
    fact = facts_of(record)["optimizer.live_rate", "high"]
    assert fact.value == pytest.approx(3e-4)
    assert fact.places[0].file == "optimizer.pt"


def test_one_group_for_both_experts_says_nothing_about_either() -> None:
    record = recorder()
    assert record_live_rates(OptimizerReading("optimizer.pt", (group(None, 1e-4),)), record) is None
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
    groups = tuple(ParamGroup(expert, 1e-6, 1e-6, 3e-4, None) for expert in Expert)
    record_live_rates(OptimizerReading("optimizer.pt", groups), record)
    assert record.number("gap.lr_bounds", "high") == pytest.approx(3)
    assert record.number("optimizer.lr_max", "low") == 3e-4
    assert record.get("gap.lr_bounds", "low") is None, "the config gives none to hold it against"
