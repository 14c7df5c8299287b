from __future__ import annotations

from itertools import groupby
from statistics import fmean, linear_regression, pstdev, stdev

import pytest

from diagnose.demo.case import Case
from diagnose.demo.losses import losses
from diagnose.demo.regression import fit_line
from diagnose.domains.wan22.experts import Expert

SEEDS = (0, 1, 2)


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
    line = fit_line(losses(request.getfixturevalue(name), seed)[-200:])
    assert line.slope < 0
    assert line.r2 == pytest.approx(r2, abs=5e-6)


def test_v17_improves_slowly(v17: Case) -> None:
    for expert in Expert:
        means = [fmean(values) for owner, values in blocks(v17, 0) if owner is expert]
        assert linear_regression(range(len(means)), means).slope < 0
        assert 0.85 < means[-1] / means[0] < 0.97
