from __future__ import annotations

from itertools import pairwise

import pytest

from diagnose.demo.case import Case
from diagnose.demo.rates import learning_rates
from diagnose.domains.wan22.experts import Expert

SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_rates_pass_through_the_figures(v15: Case, seed: int) -> None:
    rates = learning_rates(v15, seed)
    for step in (2399, 2400):
        assert rates[step][Expert.HIGH] == pytest.approx(1.48e-4, rel=1e-6)
        assert rates[step][Expert.LOW] == pytest.approx(1.10e-4, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_v15_ratio_stays_where_the_document_saw_it(v15: Case, seed: int) -> None:
    ratios = [row[Expert.HIGH] / row[Expert.LOW] for row in learning_rates(v15, seed)[600:]]
    assert max(ratios) < 2
    assert 1.3 < min(ratios[900:]) < max(ratios[900:]) < 1.4


@pytest.mark.parametrize("seed", SEEDS)
def test_v17_ratio_holds_at_four(v17: Case, seed: int) -> None:
    ratios = [row[Expert.HIGH] / row[Expert.LOW] for row in learning_rates(v17, seed)[800:]]
    assert 4.0 < min(ratios) < max(ratios) < 4.4
    assert 4.1 < min(ratios[400:]) < max(ratios[400:]) < 4.3


@pytest.mark.parametrize("name", ["v15", "v17"])
def test_rates_keep_inside_their_bounds(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    for expert, bounds in case.settings.bounds.items():
        trained = [row[expert] for row in learning_rates(case, 0) if row[expert]]
        assert bounds.floor <= min(trained)
        assert max(trained) <= bounds.ceiling


def test_the_low_expert_has_no_rate_before_its_first_step(v15: Case) -> None:
    rates = learning_rates(v15, 0)
    assert all(row[Expert.LOW] == 0.0 for row in rates[:100])
    assert all(row[Expert.LOW] > 0.0 for row in rates[100:])


def test_a_paused_rate_and_the_step_after_the_pause_stand_still(v15: Case) -> None:
    rates = learning_rates(v15, 0)
    for start in range(200, len(rates), 100):
        settled, resumed = v15.settings.expert_at(start - 1), v15.settings.expert_at(start)
        assert rates[start][resumed] == rates[start - 1][resumed]
        assert len({row[settled] for row in rates[start - 1 : start + 100]}) <= 2
    assert rates[150][Expert.HIGH] == rates[99][Expert.HIGH]


@pytest.mark.parametrize("name", ["v15", "v17"])
def test_the_first_rate_comes_from_the_configured_start(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    rates = learning_rates(case, 0)
    for expert, bounds in case.settings.bounds.items():
        assert next(row[expert] for row in rates if row[expert]) <= bounds.start + bounds.bump + 1e-12


def test_no_update_moves_a_rate_by_more_than_its_bump(v15: Case) -> None:
    rates = learning_rates(v15, 0)
    for expert, bump in ((Expert.HIGH, 1.0e-5), (Expert.LOW, 5.0e-6)):
        course = [row[expert] for row in rates if row[expert]]
        moves = [abs(after - before) for before, after in pairwise(course)]
        assert 0 < max(moves) < bump
