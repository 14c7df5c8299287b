from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from diagnose.demo.case import Case
from diagnose.demo.metrics import Training, train


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
