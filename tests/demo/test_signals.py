from __future__ import annotations

from itertools import groupby, pairwise
from statistics import correlation, fmean, linear_regression, pstdev, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.demo.case import Case
from diagnose.demo.signals import fit_line, gradient_stabilities, learning_rates, losses, single
from diagnose.domains.wan22.experts import Expert

SEEDS = range(4)


def blocks(case: Case, seed: int) -> list[tuple[Expert, list[float]]]:
    steps = enumerate(losses(case, seed))
    return [
        (case.settings.expert_at(number * 100), [loss for _, loss in rows])
        for number, rows in groupby(steps, key=lambda step: step[0] // 100)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_block_shows_the_figures(v15: Case, seed: int) -> None:
    assert [len(values) for _, values in blocks(v15, seed)] == [100] * 30 + [70]
    for expert, values in blocks(v15, seed):
        mean, std = {Expert.HIGH: (0.0755, 0.0715), Expert.LOW: (0.0826, 0.0415)}[expert]
        assert fmean(values) == pytest.approx(mean, abs=1e-7)
        assert pstdev(values) == pytest.approx(std, abs=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_second_half_of_each_experts_rows_prints_them_too(v15: Case, seed: int) -> None:
    values = losses(v15, seed)
    for expert, printed in ((Expert.HIGH, ("0.0755", "0.0715")), (Expert.LOW, ("0.0826", "0.0415"))):
        own = [loss for step, loss in enumerate(values) if v15.settings.expert_at(step) is expert]
        late = own[len(own) // 2 :]
        assert (f"{fmean(late):.4f}", f"{stdev(late):.4f}") == printed


@pytest.mark.parametrize("seed", SEEDS)
def test_losses_are_positive_and_skewed(v15: Case, seed: int) -> None:
    for _, values in blocks(v15, seed):
        assert min(values) > 0
        assert sorted(values)[len(values) // 2] < fmean(values)


def test_blocks_are_not_repeated(v15: Case) -> None:
    values = losses(v15, 0)
    assert len(set(values)) > 0.99 * len(values)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "r2"), [("v15", 0.0058), ("v17", 0.0061)])
def test_the_last_trend_falls_with_the_figure(name: str, r2: float, seed: int, request: pytest.FixtureRequest) -> None:
    slope, falling = fit_line(losses(request.getfixturevalue(name), seed)[-200:])
    assert slope < 0
    assert falling**2 == pytest.approx(r2, abs=5e-6)


def test_v17_improves_slowly(v17: Case) -> None:
    for expert in Expert:
        means = [fmean(values) for owner, values in blocks(v17, 0) if owner is expert]
        assert linear_regression(range(len(means)), means).slope < 0
        assert 0.85 < means[-1] / means[0] < 0.97


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


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_stability_averages_the_figure(v15: Case, seed: int) -> None:
    values = gradient_stabilities(v15, seed)
    assert fmean(values) == pytest.approx(0.486, abs=1e-4)
    assert pstdev(values) == pytest.approx(0.01, rel=0.1)
    for expert in Expert:
        own = [value for step, value in enumerate(values) if v15.settings.expert_at(step) is expert]
        assert fmean(own) == pytest.approx(0.486, abs=1e-4)


def test_the_first_row_after_a_pause_repeats_the_last(v15: Case) -> None:
    values = gradient_stabilities(v15, 0)
    repeats = [step for step in range(1, len(values)) if values[step] == values[step - 1]]
    assert repeats == list(range(200, 3001, 100))


@given(st.lists(st.floats(0.01, 1.0), min_size=3, max_size=60).filter(lambda ys: max(ys) - min(ys) > 1e-3))
def test_line_agrees_with_the_standard_library(values: list[float]) -> None:
    slope, found = fit_line(values)
    indices = list(range(len(values)))
    assert slope == pytest.approx(linear_regression(indices, values).slope, rel=1e-6, abs=1e-12)
    assert found == pytest.approx(correlation(indices, values), rel=1e-6, abs=1e-9)


def test_a_perfect_fall_is_explained_wholly() -> None:
    assert fit_line([3.0, 2.0, 1.0]) == pytest.approx((-1.0, -1.0))


def test_single_is_what_single_precision_keeps() -> None:
    assert single(0.1) == 0.10000000149011612
    assert single(0.5) == 0.5
