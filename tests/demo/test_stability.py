from __future__ import annotations

from statistics import fmean, pstdev

import pytest

from diagnose.demo.case import Case
from diagnose.demo.stability import gradient_stabilities
from diagnose.domains.wan22.experts import Expert


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
