"""The logged ratio against the forecast: inside the band it leaves no gap, beyond it the distance from its edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import facts_of, readings, recorder, value
from expert_config import PARAMS
from logged_rates import LoggedRun, logged_runs
from run_evidence import evidence

from diagnose.facts.gaps.ratio import extract
from diagnose.facts.record import Recorder
from diagnose.sources.log_readings import LogRow
from diagnose.trainers.declared import Config

Configure = Callable[..., Config]
RUNS = {run.name: run for run in logged_runs()}


def recorded(config: Config, rows: list[LogRow], agreement: float | None) -> Recorder:
    record = recorder()
    if agreement is not None:
        record.known("log.gradient_stability", agreement)
    extract(evidence(config, readings(metrics=rows)), record)
    return record


def log(run: LoggedRun) -> list[LogRow]:
    return [LogRow(0, 1, rates={"high": 1.75e-5}), *run.rows.values()]


@pytest.mark.parametrize("run", RUNS.values(), ids=lambda run: run.name)
def test_every_real_log_is_within_its_forecast(run: LoggedRun) -> None:
    record = recorded(run.config, log(run), run.agreement)
    assert value(record, "gap.lr_ratio") == 1
    assert value(record, "due.lr_ratio") > 0


def test_a_log_of_other_bounds_is_outside(configure: Configure) -> None:
    run = RUNS["fork-b_bump4x"]
    fact = facts_of(recorded(configure(), log(run), run.agreement))["gap.lr_ratio", "run"]
    assert isinstance(fact.value, float)
    assert fact.value > 3
    assert fact.places[0].step == run.last
    assert "4.60" in fact.note


def test_a_log_of_dropped_keys_is_below(configure: Configure) -> None:
    raised = {**PARAMS, "high_noise_lr_bump": 2e-5, "high_noise_max_lr": 5e-4, "low_noise_max_lr": 1e-4}
    run = RUNS["fork-g_no_base_bump"]
    record = recorded(configure(train={"optimizer_params": raised}), log(run), run.agreement)
    assert value(record, "gap.lr_ratio") < 0.5


def test_nothing_is_said_without_an_agreement_or_a_beginning(configure: Configure) -> None:
    run = RUNS["fork-a_ratio135"]
    assert value(recorded(configure(), log(run), None), "gap.lr_ratio") is None
    assert value(recorded(configure(), log(run)[1:], run.agreement), "gap.lr_ratio") is None


def test_nothing_is_said_where_storage_cannot_follow(configure: Configure) -> None:
    bare = configure(train={"optimizer_params": None})
    rows = [LogRow(step, step + 1, rates={"high": 2e-4, "low": 5e-5}) for step in range(1000)]
    assert value(recorded(bare, rows[:100], 0.7), "gap.lr_ratio") is not None
    assert value(recorded(bare, rows, 0.7), "gap.lr_ratio") is None


def test_a_log_without_both_rates_says_nothing(configure: Configure) -> None:
    rows = [replace(row, rates={"high": row.rates["high"]}) for row in log(RUNS["fork-a_ratio135"])]
    assert value(recorded(configure(), rows, 0.7), "gap.lr_ratio") is None
