"""Each kind of noise is read from runs that have it."""

from __future__ import annotations

import numpy as np
import pytest
from made_levels import levels

from diagnose.motion.levels import Levels
from diagnose.motion.noise import Noise, layout_of, whole


@pytest.mark.parametrize(
    "noise", [Noise(0.04, 0.0, 0.0), Noise(0.04, 0.5, 0.0), Noise(0.01, 0.0, 0.03), Noise(0.04, 0.7, 0.01)]
)
def test_the_noise_of_made_up_runs_is_found_again(noise: Noise) -> None:
    layout = whole(6, 20)
    found = [layout.noise(values) for values in layout.constant_runs(noise, 300, 3)]
    assert np.mean([each.own for each in found]) == pytest.approx(noise.own, rel=0.1)
    assert np.mean([each.near for each in found]) == pytest.approx(noise.near, abs=0.06)
    assert np.mean([each.shared for each in found]) == pytest.approx(noise.shared, rel=0.15, abs=0.002)


def test_gaps_do_not_shift_the_level_of_a_step() -> None:
    full = levels(4, 6, sd=0.0)
    shifted = [[log + prompt for log in row if log is not None] for prompt, row in enumerate(full.logs)]
    gap: list[list[float | None]] = [[*row] for row in shifted]
    gap[3][2] = None
    layout, values = layout_of(Levels(full.prompts, full.steps, tuple(map(tuple, gap))))
    means = layout.estimates(values[None]).means[0]
    assert means == pytest.approx([means[0]] * 6)


def test_the_jumps_of_one_prompt_are_its_own_scatter() -> None:
    layout, values = layout_of(levels(1, 200, sd=0.2))
    assert layout.noise(values).own == pytest.approx(0.04, rel=0.2)
    assert layout.noise(values).shared == 0


def test_a_common_fall_is_no_scatter_of_the_prompts() -> None:
    layout, values = layout_of(levels(6, 12, sd=0.1, turn=6, to=0.3))
    assert layout.noise(values).own == pytest.approx(0.01, rel=0.5)
