"""Pooling: an expert's figures are those of all its numbers together."""

from math import sqrt

import pytest
import torch
from lora_files import Measure, factors
from measured import measurement
from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.weights.measurement import SPANS, ExpertMeasurement, evenly


def modules(count: int) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for index in range(count):
        found |= factors(4, 20 + index, 10, module=f"diffusion_model.blocks.{index}.self_attn.q", seed=index)
        found |= factors(4, 30, 12 + index, module=f"diffusion_model.blocks.{index}.ffn.0", seed=100 + index)
    return found


def test_an_expert_pools_numbers_not_means(measure: Measure) -> None:
    tensors = modules(3)
    every = torch.cat([tensor.flatten() for tensor in tensors.values()])
    expert = measure(tensors)
    assert expert.magnitude == pytest.approx(float(every.abs().mean()), rel=1e-6)
    assert expert.entries.rms == pytest.approx(float(every.square().mean().sqrt()), rel=1e-6)
    assert (expert.entries.count, expert.ranks) == (every.numel(), (4,))
    assert expert.dtypes == ("F32",)


def test_norms_add_in_squares_and_the_largest_singular_value_wins(measure: Measure) -> None:
    expert = measure(modules(3))
    norms = [module.update_norm or 0.0 for module in expert.modules]
    assert expert.update_norm == pytest.approx(sqrt(sum(norm**2 for norm in norms)))
    assert expert.spectral_norm == max(module.spectral_norm or 0.0 for module in expert.modules)
    ranks = sorted(module.stable_rank or 0.0 for module in expert.modules)
    assert expert.stable_rank == pytest.approx((ranks[2] + ranks[3]) / 2)


def test_an_untrained_lora_reads_what_its_shapes_predict(measure: Measure) -> None:
    tensors = factors(16, 5120, 16, dtype=torch.bfloat16)
    tensors["diffusion_model.blocks.0.self_attn.q.lora_B.weight"].zero_()
    expert = measure(tensors)
    expected = 0.5 / sqrt(5120) * 5120 / (5120 + 16)
    assert expert.untrained_magnitude == pytest.approx(expected)
    assert expert.magnitude == pytest.approx(expected, rel=0.01)
    assert expert.learned_magnitude == pytest.approx(0, abs=0.01 * expected)
    assert expert.dead_modules == ("blocks.0.self_attn.q",)
    assert (expert.magnitude_up, expert.update_norm, expert.spectral_norm) == (0.0, 0.0, 0.0)
    assert expert.stable_rank is None


def test_rows_that_a_larger_rank_added_hide_no_learning(measure: Measure) -> None:
    name = "diffusion_model.blocks.0.self_attn.q"
    tensors = factors(8, 512, 256, module=name)
    down, up = tensors[f"{name}.lora_A.weight"], tensors[f"{name}.lora_B.weight"]
    down.uniform_(-1 / sqrt(512), 1 / sqrt(512))
    up.mul_(0.02 / up.square().mean().sqrt())
    before = measure(tensors)
    padded = {
        f"{name}.lora_A.weight": torch.cat([down, torch.zeros_like(down)]),
        f"{name}.lora_B.weight": torch.cat([up, torch.zeros_like(up)], dim=1),
    }
    after = measure(padded)
    assert before.learned_magnitude is not None
    assert after.magnitude == pytest.approx((before.magnitude or 0) / 2, rel=1e-6)
    assert after.update_norm == pytest.approx(before.update_norm, rel=1e-5)
    assert (after.untrained_magnitude, after.learned_magnitude) == (None, None), "its start is not the one of its rank"
    assert after.learned_share == pytest.approx((before.learned_share or 0) / sqrt(2), rel=1e-5)


def test_factors_that_a_converter_scaled_have_no_learned_part_below_zero(measure: Measure) -> None:
    name = "diffusion_model.blocks.0.self_attn.q"
    tensors = factors(8, 512, 256, module=name)
    tensors[f"{name}.lora_A.weight"].uniform_(-1 / sqrt(512), 1 / sqrt(512)).mul_(sqrt(1 / 8))
    expert = measure(tensors)
    assert expert.shrunk
    assert expert.learned_magnitude is None


def test_the_update_is_held_against_one_with_up_as_large_as_the_start_of_down(measure: Measure) -> None:
    name = "diffusion_model.blocks.0.self_attn.q"
    tensors = factors(16, 1024, 512, module=name)
    for half in ("A", "B"):
        tensors[f"{name}.lora_{half}.weight"].uniform_(-1 / sqrt(1024), 1 / sqrt(1024))
    assert measure(tensors).learned_share == pytest.approx(1, rel=0.05)
    tensors[f"{name}.lora_B.weight"].mul_(0.1)
    assert measure(tensors).learned_share == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_one_bad_number_is_counted_and_silences_what_it_touches(measure: Measure, bad: float) -> None:
    tensors = modules(2)
    tensors["diffusion_model.blocks.1.ffn.0.lora_A.weight"][0, 0] = bad
    expert = measure(tensors)
    broken = next(module for module in expert.modules if module.name == "blocks.1.ffn.0")
    assert (expert.entries.non_finite, broken.entries.non_finite, broken.down.non_finite) == (1, 1, 1)
    figures = (expert.magnitude, expert.learned_magnitude, expert.entries.rms, expert.entries.max, expert.update_norm)
    assert figures == (None,) * 5
    assert (broken.update_norm, broken.magnitude_down, broken.stable_rank) == (None, None, None)
    assert broken.magnitude_up is not None
    assert expert.magnitude_up is not None
    assert expert.modules[0].magnitude is not None
    assert not expert.dead_modules


def test_an_alpha_that_is_no_number_leaves_the_update_unknown(measure: Measure) -> None:
    tensors = factors(module="m") | {"m.alpha": torch.tensor(float("nan"))}
    expert = measure(tensors)
    assert (expert.update_norm, expert.spectral_norm) == (None, None)
    assert expert.magnitude is not None


@pytest.mark.parametrize(("share", "shrunk"), [(0.905, False), (0.895, True)])
def test_a_down_factor_is_shrunk_a_tenth_below_the_mean_square_of_its_start(share: float, shrunk: bool) -> None:
    (module,) = measurement(Expert.HIGH, 0.005, width=300).modules
    down = replace(module.down, square_sum=share * module.down.count / (3 * 300))
    expert = ExpertMeasurement((replace(module, down=down),), "high")
    assert expert.start_rms == pytest.approx(1 / sqrt(900))
    assert expert.shrunk is shrunk


def test_the_highest_spike_and_the_middle_rank_speak_for_a_group() -> None:
    (module,) = measurement(Expert.HIGH, 0.005).modules
    group = ExpertMeasurement(tuple(replace(module, spectral_gap=gap, effective_rank=gap) for gap in (1.5, None, 3.0)))
    assert (group.spectral_gap, group.effective_rank) == (3.0, 2.25)
    assert ExpertMeasurement((replace(module, spectral_gap=None),)).spectral_gap is None


def test_without_a_norm_or_a_scale_nothing_is_known_of_the_share() -> None:
    (module,) = measurement(Expert.HIGH, 0.005).modules
    for change in ({"update_norm": None}, {"scale": 0.0}, {"update_norm": None, "scale": None}):
        assert ExpertMeasurement((replace(module, **change),)).learned_share is None


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 6, []), (1, 6, [0]), (2, 6, [0, 1]), (6, 6, [0, 1, 2, 3, 4, 5]), (30, 6, [0, 6, 12, 17, 23, 29]), (9, 1, [0])],
)
def test_indices_are_evenly_spread(count: int, most: int, expected: list[int]) -> None:
    assert evenly(count, most) == expected


def test_the_last_span_is_a_fifth_of_the_run() -> None:
    assert evenly(101, SPANS + 1) == [0, 20, 40, 60, 80, 100]
