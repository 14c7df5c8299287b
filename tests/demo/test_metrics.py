from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.demo.case import Case, Phase, Settings
from diagnose.demo.metrics import AlphaScheduler, Training, train


@pytest.fixture(scope="module")
def training(v15: Case) -> Training:
    return train(v15, 0)


def test_one_row_per_step_with_the_experts_taking_turns(training: Training) -> None:
    assert [row["step"] for row in training.rows] == list(range(3070))
    assert all(row["expert"] == ("low_noise" if row["step"] // 100 % 2 else "high_noise") for row in training.rows)


def test_time_goes_on_at_the_pace_of_the_case(training: Training) -> None:
    times = [datetime.fromisoformat(row["timestamp"]) for row in training.rows]
    pauses = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert 11.0 < min(pauses) < max(pauses) < 11.8


def test_v15_never_leaves_the_foundation_phase(training: Training) -> None:
    assert {(row["phase"], row["phase_idx"], row["conv_alpha"], row["linear_alpha"]) for row in training.rows} == {
        ("foundation", 0, 8, 4)
    }


def test_v17_leaves_it_under_its_laxer_criteria(v17: Case) -> None:
    training = train(v17, 0)
    (transition,) = training.alpha_states[2199]["transition_history"]
    assert (transition["from_phase"], transition["to_phase"]) == ("foundation", "balance")
    assert 1999 <= transition["step"] < 2199
    assert training.rows[transition["step"]]["steps_in_phase"] == 0


def test_states_are_kept_for_the_saves(v15: Case, training: Training) -> None:
    assert set(v15.saves) <= set(training.alpha_states)
    assert all(state["total_steps"] == step for step, state in training.alpha_states.items())


def test_rows_have_the_keys_of_a_real_run_in_its_order(real_fork_run: Path, training: Training) -> None:
    real = [json.loads(line) for line in next(real_fork_run.glob("metrics_*.jsonl")).read_text().splitlines()]
    for step in (0, 18, 19, 299):
        assert list(training.rows[step]) == list(real[step])
        assert [type(value) for value in training.rows[step].values()] == [type(v) for v in real[step].values()]


def with_phases(settings: Settings, *, min_steps: int, stability: float = 0.47) -> Settings:
    phases = (Phase("foundation", 8, min_steps, 0.005, stability), Phase("balance", 14, min_steps, None, None))
    return replace(settings, phases=phases)


def run(settings: Settings, losses: list[float], stability: float) -> list[dict[str, Any]]:
    scheduler = AlphaScheduler(settings.phases, settings.linear_alpha)
    rows = []
    for step, loss in enumerate(losses):
        scheduler.update(step, loss, stability)
        rows.append(scheduler.row())
    return rows


def falling(count: int) -> list[float]:
    return [0.1 - 1e-5 * step for step in range(count)]


def test_a_phase_ends_at_its_minimum_once_a_hundred_losses_are_in(v17: Case) -> None:
    for min_steps, end in ((40, 99), (150, 149)):
        rows = run(with_phases(v17.settings, min_steps=min_steps), falling(200), 0.49)
        assert [row["phase_idx"] for row in rows].index(1) == end
        assert (rows[end]["steps_in_phase"], rows[end]["conv_alpha"]) == (0, 14)


@pytest.mark.parametrize(
    ("losses", "stability"),
    [
        (falling(150), 0.46),
        ([0.1 + 0.001 * step for step in range(150)], 0.49),
        ([0.5 - 0.03 * step for step in range(150)], 0.49),
        ([0.2, 0.001] * 75, 0.49),
    ],
    ids=["unstable", "rising", "falling fast", "scattered"],
)
def test_a_phase_stays_while_one_criterion_fails(v17: Case, losses: list[float], stability: float) -> None:
    rows = run(with_phases(v17.settings, min_steps=100), losses, stability)
    assert {row["phase"] for row in rows} == {"foundation"}


def test_the_last_phase_never_ends(v17: Case) -> None:
    rows = run(with_phases(v17.settings, min_steps=100), falling(600), 0.49)
    assert rows[-1]["phase_idx"] == 1


@given(st.lists(st.tuples(st.floats(0.001, 2.0), st.floats(0.1, 0.9)), min_size=1, max_size=230))
def test_saved_lists_hold_the_last_two_hundred(v15: Case, signals: list[tuple[float, float]]) -> None:
    scheduler = AlphaScheduler(v15.settings.phases, v15.settings.linear_alpha)
    for step, (loss, stability) in enumerate(signals):
        scheduler.update(step, loss, stability)
    state = scheduler.state()
    assert state["global_losses"] == [loss for loss, _ in signals][-200:]
    assert state["global_grad_stability"] == [stability for _, stability in signals][-200:]
    assert (state["total_steps"], state["steps_in_phase"]) == (len(signals) - 1, len(signals))


def test_averages_and_trends_are_those_of_a_real_run(real_fork_run: Path, v15: Case) -> None:
    lines = next(real_fork_run.glob("metrics_*.jsonl")).read_text().splitlines()
    scheduler = AlphaScheduler(v15.settings.phases, v15.settings.linear_alpha)
    for row in map(json.loads, lines):
        scheduler.update(row["step"], row["loss"], row["gradient_stability"])
        ours = scheduler.row()
        assert list(row)[-len(ours) :] == list(ours)
        for key in set(ours) - {"phase", "linear_alpha", "conv_alpha"}:
            assert ours[key] == pytest.approx(row[key], rel=1e-9, abs=1e-12), (row["step"], key)


def test_saved_state_has_the_real_keys(real_fork_run: Path, v15: Case) -> None:
    scheduler = AlphaScheduler(v15.settings.phases, v15.settings.linear_alpha)
    scheduler.update(0, 0.1, 0.5)
    real = json.loads(next(real_fork_run.glob("*_alpha_scheduler.json")).read_text())
    assert list(scheduler.state()) == list(real)
