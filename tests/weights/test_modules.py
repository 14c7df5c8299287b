"""One module's sums and figures, and its way through JSON."""

from math import sqrt

import pytest
import torch
from lora_files import Measure, factors
from measured import entries, measurement
from msgspec.structs import replace

from diagnose.core.cache import from_json, to_json
from diagnose.domains.wan22.experts import Expert
from diagnose.weights.modules import Entries, ModuleMeasurement, known, middle, pooled


def test_a_module_survives_json_to_the_last_bit(measure: Measure) -> None:
    tensors = factors() | factors(module="m", seed=3) | {"m.alpha": torch.tensor(float("nan"))}
    for module in measure(tensors).modules:
        assert from_json(to_json(module), ModuleMeasurement) == module


def test_negative_zero_is_zero_and_denormals_are_not(measure: Measure) -> None:
    tensors = factors(2, 4, 3)
    tensors["diffusion_model.blocks.0.self_attn.q.lora_B.weight"] = torch.tensor([[0.0, -0.0], [1e-45, 1], [2, 3]])
    assert measure(tensors).entries.zeros == 2


def test_a_sum_beyond_float64_is_unknown() -> None:
    vast = Entries(1, 1e308, 1e308, 1e308, 0, 0)
    both = pooled((vast, vast))
    assert (both.absolute_sum, both.square_sum, both.max, both.count) == (None, None, 1e308, 2)


def test_pooling_nothing_is_nothing() -> None:
    assert pooled(()) == Entries(0, 0, 0, None, 0, 0)
    assert pooled(()).magnitude is None
    assert known([1.0, None]) is None
    assert middle([None]) is None


def test_figures_of_sums() -> None:
    sums = Entries(count=4, absolute_sum=8.0, square_sum=36.0, max=5.0, non_finite=0, zeros=1)
    assert (sums.magnitude, sums.rms) == (2.0, 3.0)
    unknown = replace(sums, absolute_sum=None, square_sum=None)
    assert (unknown.magnitude, unknown.rms, pooled(()).rms) == (None, None, None)
    both = pooled((sums, replace(sums, max=7.0)))
    assert (both.max, both.count, both.zeros, both.magnitude) == (7.0, 8, 2, 2.0)
    assert middle([1.0, None, 3.0]) == 2.0


def test_the_start_of_down_and_a_module_that_adds_nothing() -> None:
    (module,) = measurement(Expert.HIGH, 0.005, width=400).modules
    assert module.untrained_sum == pytest.approx(100 / 2 / sqrt(400))
    assert not module.dead
    assert replace(module, up=entries(0.0, zeros=100)).dead


@pytest.mark.parametrize(
    ("rank", "norm", "gap", "single"),
    [(2, 1.0, None, True), (1, 1.0, None, False), (2, 0.0, None, False), (2, None, None, False), (2, 1.0, 9.0, False)],
)
def test_a_single_direction_shows_only_where_there_is_room_for_more(
    rank: int, norm: float | None, gap: float | None, single: bool
) -> None:
    (module,) = measurement(Expert.HIGH, 0.005).modules
    assert replace(module, rank=rank, update_norm=norm, spectral_gap=gap).rank_one is single
