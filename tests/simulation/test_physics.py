"""What holds in any simulated run: pauses, own steps, bounds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from trainer_names import RELAXIS

from diagnose.domains.wan22.experts import Expert
from simulation.configs import document_run, recipe, text_of
from simulation.deaths import interrupted
from simulation.events import Events
from simulation.setup import Setup, read_setup
from simulation.training import Course, train
from simulation.world import DOCUMENT

STEPS = 460


@pytest.fixture(scope="module")
def setup() -> Setup:
    return read_setup(text_of(document_run()), RELAXIS)


@pytest.fixture(scope="module")
def course(setup: Setup) -> Course:
    return train(setup, DOCUMENT, Events(death=interrupted(STEPS)), seed=5)


def test_the_weights_of_a_paused_expert_stand_still(course: Course) -> None:
    for before, after in pairwise(course.saves):
        trained = {row.expert for row in course.rows[before.step + 1 : after.step + 1]}
        for expert in Expert:
            same = np.array_equal(before.weights[expert], after.weights[expert])
            assert same is (expert not in trained), (after.step, expert)


def test_every_expert_counts_its_own_steps(course: Course) -> None:
    assert course.steps == {Expert.HIGH: 260, Expert.LOW: 200}


def test_rates_stay_within_their_bounds(course: Course) -> None:
    for row in course.rows:
        for rate in row.rates.values():
            assert rate == 0 or 7.99e-6 <= rate <= 3.001e-4


def test_an_expert_that_has_not_begun_has_no_rate(course: Course) -> None:
    assert [row.step for row in course.rows if row.rates[Expert.LOW] == 0] == list(range(100))


def test_in_the_first_step_all_down_matrices_agree_and_half_of_the_up_matrices(course: Course) -> None:
    up = (2e-5 + 8e-6) / 2
    assert course.rows[0].rates[Expert.HIGH] == pytest.approx((2e-5 + up) / 2, rel=0.01)


def test_the_first_row_after_a_pause_repeats_the_stability(course: Course) -> None:
    for step in (200, 300, 400):
        assert course.rows[step].stability == course.rows[step - 1].stability
        for expert, rate in course.rows[step].rates.items():
            assert rate == pytest.approx(course.rows[step - 1].rates[expert], rel=2e-3)  # but for the storage


def test_the_same_seed_gives_the_same_course(setup: Setup) -> None:
    first, second, other = (train(setup, DOCUMENT, Events(death=interrupted(30)), seed=seed).rows for seed in (1, 1, 2))
    assert first == second
    assert first != other


def test_a_step_in_which_the_turn_changes_trains_both() -> None:
    document = recipe("recommended")
    document["config"]["process"][0]["train"] |= {"switch_boundary_every": 3, "gradient_accumulation": 2}
    setup = read_setup(text_of(document), RELAXIS)
    assert [list(setup.turns(step)) for step in range(3)] == [
        [Expert.HIGH],
        [Expert.HIGH, Expert.LOW],
        [Expert.LOW],
    ]
