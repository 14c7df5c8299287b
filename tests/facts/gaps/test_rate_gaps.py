"""Logged rates against floor, ceiling, start and bump, and whether the settings move them at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from builders import facts_of, model, readings, recorder, value
from expert_config import PARAMS
from hypothesis import given
from hypothesis import strategies as st
from logged_rates import LoggedRun, logged_runs
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.gaps.rate_gaps import extract, rates_move
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_rows import LogRow
from diagnose.trainers.declared import Config

Configure = Callable[..., Config]
BLOCK = 10
FIRST = {Expert.HIGH: 1.75e-5, Expert.LOW: 1.325e-5}
"""What the fork logs after the first step under the settings of `configure`."""


def rows(
    steps: int, *, pace: float = 2e-6, first: dict[Expert, float] = FIRST, begins: int = 0, losses: float = 0.1
) -> list[LogRow]:
    """Rows in which each expert's rate starts at `first` and rises by `pace` at every own step but a turn's first."""
    rates: dict[str, float] = {}
    found = []
    for step in range(steps):
        expert = Expert.LOW if step // BLOCK % 2 else Expert.HIGH
        held = rates.get(expert)
        rates[expert] = first[expert] if held is None else held + pace * (step % BLOCK > 0)
        found.append(LogRow(step, step + 1, loss=losses, expert=expert, rates=dict(rates)))
    return found[begins:]


def recorded(config: Config, log: Sequence[LogRow], trainer: str = RELAXIS) -> Recorder:
    record = recorder()
    extract(evidence(config, readings(metrics=log), trainer=trainer), record)
    return record


def test_a_run_as_configured_leaves_no_gap(configure: Configure) -> None:
    record = recorded(configure(), rows(100))
    for expert in ("high", "low"):
        assert value(record, "gap.lr_first", expert) == 1
        assert value(record, "gap.lr_over_ceiling", expert) < 1 < value(record, "gap.lr_over_floor", expert)
        assert value(record, "gap.lr_pace", expert) < 1
    assert value(record, "effective.lr_moves") is True
    assert value(record, "effective.lr_logged_apart") is value(record, "log.lr_logged_apart") is True


def test_a_rate_outside_its_bounds_stands_at_the_row(configure: Configure) -> None:
    low = {**PARAMS, "low_noise_max_lr": 2e-5}
    record = recorded(configure(train={"optimizer_params": low}), rows(100))
    over = facts_of(record)["gap.lr_over_ceiling", "low"]
    assert over.value == pytest.approx((1.325e-5 + 45 * 2e-6) / 2e-5)
    assert over.places[0].step == 99
    assert over.samples == 50


def test_dropped_keys_show_in_the_first_row(configure: Configure) -> None:
    dropped = {key: value_ for key, value_ in PARAMS.items() if "noise" in key}
    record = recorded(configure(train={"optimizer_params": dropped}), rows(100))
    assert value(record, "due.lr_first", "high") == pytest.approx(1.1e-5)
    assert value(record, "gap.lr_first", "high") == pytest.approx(1.75 / 1.1)
    assert value(record, "gap.lr_pace", "high") == pytest.approx(2)


def test_keys_in_effect_that_ran_dropped_show_too(configure: Configure) -> None:
    record = recorded(configure(), rows(100, pace=4e-7, first={Expert.HIGH: 1.05e-5, Expert.LOW: 1.05e-5}))
    assert value(record, "gap.lr_first", "high") == pytest.approx(1.05 / 1.5)
    assert value(record, "gap.lr_first", "low") == pytest.approx(1.05 / 1.15)


@given(agreement=st.floats(0.5, 1), start=st.floats(1e-6, 1e-4), bump=st.floats(1e-7, 1e-4))
def test_whatever_share_agrees_above_chance_is_a_possible_first_rate(
    configure_once: Configure, agreement: float, start: float, bump: float
) -> None:
    params = {"lr_bump": bump, "min_lr": 8e-6, "max_lr": 3e-4}
    config = configure_once(train={"lr": start, "optimizer_params": params})
    up, down = (min(max(start + sign * bump, 8e-6), 3e-4) for sign in (1, -1))
    mean = agreement * up + (1 - agreement) * down
    record = recorded(config, rows(30, pace=0, first={Expert.HIGH: mean, Expert.LOW: mean}))
    assert value(record, "gap.lr_first", "high") == pytest.approx(1)


def test_a_log_that_begins_late_says_nothing_of_the_start(configure: Configure) -> None:
    record = recorded(configure(), rows(100, begins=4))
    assert value(record, "gap.lr_first", "high") is None
    assert value(record, "gap.lr_over_ceiling", "high") is not None


def test_a_missing_row_before_the_first_own_step_says_nothing_of_it(configure: Configure) -> None:
    log = [row for row in rows(100) if row.step != BLOCK]
    record = recorded(configure(), log)
    assert value(record, "gap.lr_first", "high") == 1
    assert value(record, "gap.lr_first", "low") is None


def test_single_jumps_are_no_pace(configure: Configure) -> None:
    log = rows(100)
    jumped = [
        row if row.step != 45 else LogRow(45, 46, loss=0.1, expert=Expert.HIGH, rates={"high": 2e-4}) for row in log
    ]
    assert value(recorded(configure(), jumped), "gap.lr_pace", "high") < 1


def test_legacy_accumulation_leaves_the_first_step_alone(configure: Configure) -> None:
    record = recorded(configure(train={"gradient_accumulation_steps": 2}), rows(100))
    assert value(record, "gap.lr_first", "high") is None
    assert value(record, "effective.lr_moves") is None


def fixed(steps: int, rate: float) -> list[LogRow]:
    return [
        LogRow(step, step + 1, loss=0.1, expert=Expert.LOW if step // BLOCK % 2 else Expert.HIGH, lr_shared=rate)
        for step in range(steps)
    ]


def test_a_fixed_rate_is_the_configured_one(configure: Configure) -> None:
    config = configure(train={"optimizer": "adamw", "lr": 1e-4, "optimizer_params": None})
    assert value(recorded(config, fixed(40, 1e-4)), "gap.lr_first", "low") == 1
    record = recorded(config, fixed(40, 3e-4))
    assert value(record, "gap.lr_first", "low") == pytest.approx(3)
    assert value(record, "gap.lr_over_ceiling", "low") is None


def test_the_log_tells_a_fixed_rate_from_an_adapted_one(configure: Configure) -> None:
    record = recorded(configure(), fixed(40, 1e-4))
    assert value(record, "effective.lr_logged_apart") is True
    assert value(record, "log.lr_logged_apart") is False


MOVING: list[tuple[dict[str, Any], bool | None]] = [
    ({}, True),
    ({"switch_boundary_every": 1}, False),
    ({"optimizer": "adamw", "optimizer_params": None}, False),
    ({"optimizer": "adamw", "optimizer_params": None, "lr_scheduler": "cosine"}, None),
    ({"optimizer": "adamw", "optimizer_params": None, "lr_scheduler_params": {"factor": 0.5}}, None),
    ({"optimizer": "prodigy", "optimizer_params": None}, None),
    ({"optimizer_params": {"lr_bump": 5e-6, "min_lr": 8e-6, "max_lr": 8e-6}}, None),
    ({"optimizer_params": None}, None),  # the default ceiling is a thousand bumps high: storage may hold them
]


@pytest.mark.parametrize(("train", "expected"), MOVING)
def test_whether_the_settings_move_the_rates(
    configure: Configure, train: dict[str, Any], expected: bool | None
) -> None:
    config = configure(train=train)
    assert rates_move(config, model(), model().rates(config)) is expected


def test_upstream_logs_one_rate_whatever_the_settings(configure: Configure) -> None:
    params = {"lr_bump": 5e-6, "min_lr": 8e-6, "max_lr": 3e-4}
    config = configure(AI_TOOLKIT, train={"optimizer_params": params, "switch_boundary_every": 1})
    record = recorded(config, rows(30), AI_TOOLKIT)
    assert value(record, "effective.lr_logged_apart") is None
    assert value(record, "effective.lr_moves") is True


RUNS = {run.name: run for run in logged_runs()}


def recorded_ratio(config: Config, rows: list[LogRow], agreement: float | None) -> Recorder:
    record = recorder()
    if agreement is not None:
        record.known("log.gradient_stability", agreement)
    extract(evidence(config, readings(metrics=rows)), record)
    return record


def log(run: LoggedRun) -> list[LogRow]:
    return [LogRow(0, 1, rates={"high": 1.75e-5}), *run.rows.values()]


@pytest.mark.parametrize("run", RUNS.values(), ids=lambda run: run.name)
def test_every_real_log_is_within_its_forecast(run: LoggedRun) -> None:
    record = recorded_ratio(run.config, log(run), run.agreement)
    assert value(record, "gap.lr_ratio") == 1
    assert value(record, "due.lr_ratio") > 0


def test_a_log_of_other_bounds_is_outside(configure: Configure) -> None:
    run = RUNS["fork-b_bump4x"]
    fact = facts_of(recorded_ratio(configure(), log(run), run.agreement))["gap.lr_ratio", "run"]
    assert isinstance(fact.value, float)
    assert fact.value > 3
    assert fact.places[0].step == run.last
    assert "4.60" in fact.note


def test_a_log_of_dropped_keys_is_below(configure: Configure) -> None:
    raised = {**PARAMS, "high_noise_lr_bump": 2e-5, "high_noise_max_lr": 5e-4, "low_noise_max_lr": 1e-4}
    run = RUNS["fork-g_no_base_bump"]
    record = recorded_ratio(configure(train={"optimizer_params": raised}), log(run), run.agreement)
    assert value(record, "gap.lr_ratio") < 0.5


def test_nothing_is_said_without_an_agreement_or_a_beginning(configure: Configure) -> None:
    run = RUNS["fork-a_ratio135"]
    assert value(recorded_ratio(configure(), log(run), None), "gap.lr_ratio") is None
    assert value(recorded_ratio(configure(), log(run)[1:], run.agreement), "gap.lr_ratio") is None


def test_nothing_is_said_where_storage_cannot_follow(configure: Configure) -> None:
    bare = configure(train={"optimizer_params": None})
    rows = [LogRow(step, step + 1, rates={"high": 2e-4, "low": 5e-5}) for step in range(1000)]
    assert value(recorded_ratio(bare, rows[:100], 0.7), "gap.lr_ratio") is not None
    assert value(recorded_ratio(bare, rows, 0.7), "gap.lr_ratio") is None


def test_a_log_without_both_rates_says_nothing(configure: Configure) -> None:
    rows = [replace(row, rates={"high": row.rates["high"]}) for row in log(RUNS["fork-a_ratio135"])]
    assert value(recorded_ratio(configure(), rows, 0.7), "gap.lr_ratio") is None
