"""Every figure against a plain float64 reference that forms up @ down.

Products block by block against the products in one piece."""

from __future__ import annotations

import itertools
from math import exp, inf, log, sqrt

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lora_files import Measure, Save, factors, graded

from diagnose.sources.readings import CheckpointFile
from diagnose.weights import factors as sums
from diagnose.weights.factor_reader import Factor, FactorReader, Reals, numbers
from diagnose.weights.factors import (
    FLOOR,
    Matrix,
    UpdateFigures,
    condition,
    measure_factors,
    root_of,
    singular_values,
    update_figures,
)
from diagnose.weights.lora_pairs import FORMATS, lora_pairs


def gram(rank: int, decades: float, seed: int) -> Matrix:
    """A Gram matrix of a known condition, 10 ** decades."""
    vectors, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((rank, rank)))
    half: Matrix = (vectors * np.logspace(0, -decades, rank)) @ vectors.T / 2
    made: Matrix = half + half.T
    return made


@given(rank=st.integers(1, 40), decades=st.floats(0, 6), seed=st.integers(0, 99))
def test_the_condition_is_never_understated(rank: int, decades: float, seed: int) -> None:
    exact = 10**decades if rank > 1 else 1.0
    found = condition(gram(rank, decades, seed))
    assert exact * (1 - 1e-6) <= found <= exact * rank * 1.001


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.diag([1.0, 0.0])])
def test_a_singular_matrix_has_no_condition(matrix: Matrix) -> None:
    assert condition(matrix) == np.inf


@pytest.mark.parametrize("decades", [0, 3, 12, 17, 30])
def test_a_root_to_the_rounding(decades: int) -> None:
    matrix = gram(12, decades, 3)
    root = root_of(matrix)
    np.testing.assert_allclose(root @ root.T, matrix, rtol=0, atol=1e-15)


def test_roots_of_singular_matrices() -> None:
    for matrix in (np.zeros((3, 3)), np.ones((4, 4)), np.diag([2.0, 0.0, 3.0])):
        root = root_of(matrix)
        np.testing.assert_allclose(root @ root.T, matrix, rtol=0, atol=1e-15)


def test_singular_values_descend() -> None:
    found = singular_values(np.diag([1.0, 2.0, 3.0]), np.diag([9.0, 1.0, 0.0]))
    np.testing.assert_allclose(found, [3.0, 2.0, 0.0], atol=1e-15)


SPECTRA = st.lists(st.floats(0, 1e6), min_size=1, max_size=64).map(lambda values: sorted(values, reverse=True))


def test_a_flat_spectrum_uses_its_whole_rank() -> None:
    figures = update_figures([2.0] * 4, 0.5)
    assert figures == pytest.approx(UpdateFigures(2.0, 1.0, 4.0, 4.0, 1.0))


def test_a_spike_has_rank_one_and_no_second() -> None:
    figures = update_figures([3.0, 0.0, 0.0], 1.0)
    assert figures == UpdateFigures(3.0, 3.0, 1.0, 1.0, None)


def test_a_second_value_at_the_floor_of_rounding_is_no_second() -> None:
    assert update_figures([1.0, 1e-6], 1.0).spectral_gap is None
    assert update_figures([1.0, 1e-4], 1.0).spectral_gap == pytest.approx(1e4)


def test_effective_rank_is_the_exponential_of_the_entropy() -> None:
    entropy = -(0.75 * log(0.75) + 0.25 * log(0.25))
    figures = update_figures([3.0, 1.0], 1.0)
    assert figures.effective_rank == pytest.approx(exp(entropy))
    assert figures.update_norm == pytest.approx(sqrt(10))


@pytest.mark.parametrize(("values", "scale"), [(None, 1.0), ([1.0], None), ([1e308], 1e10), ([inf], 1.0)])
def test_what_is_not_finite_is_unknown(values: list[float] | None, scale: float | None) -> None:
    assert update_figures(values, scale) == UpdateFigures(None, None)


@pytest.mark.parametrize(("values", "scale"), [([0.0, 0.0], 1.0), ([2.0, 1.0], 0.0)])
def test_a_zero_update_has_norms_and_no_ranks(values: list[float], scale: float) -> None:
    assert update_figures(values, scale) == UpdateFigures(0.0, 0.0)


def test_the_sign_of_the_scale_does_not_matter() -> None:
    assert update_figures([2.0, 1.0], -3.0) == update_figures([2.0, 1.0], 3.0)


@given(SPECTRA, st.floats(1e-3, 1e3))
def test_ranks_lie_between_one_and_the_rank(values: list[float], scale: float) -> None:
    figures = update_figures(values, scale)
    assert figures.update_norm is not None
    assert figures.spectral_norm is not None
    assert figures.update_norm >= figures.spectral_norm * (1 - 1e-12)
    for rank in (figures.stable_rank, figures.effective_rank):
        assert rank is None or 1 - 1e-9 <= rank <= len(values) * (1 + 1e-9)


@pytest.mark.parametrize("size", [0.25, 1.0, 40.0])
def test_the_quick_bound_serves_up_to_a_spread_of_six_tenths(size: float) -> None:
    for half, bound in ((0.3, 2.10927), (0.5, 3.93342), (0.51, 1.51 / 0.49)):
        assert condition(size * np.diag([1 + half, 1 - half])) == pytest.approx(bound, rel=1e-4)


@pytest.mark.parametrize(
    ("values", "gap"), [([1e5, 1.0], None), ([1.0, 0.95e-5], None), ([1.0, 1.05e-5], 1 / 1.05e-5), ([2.0], None)]
)
def test_a_gap_that_rounding_may_have_made_is_none(values: list[float], gap: float | None) -> None:
    assert update_figures(values, 1.0).spectral_gap == (None if gap is None else pytest.approx(gap))


TOLERANCE = 1e-5
DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16, torch.float8_e4m3fn, torch.float8_e5m2)


def values_of(checkpoint: CheckpointFile) -> torch.Tensor:
    (pair,) = lora_pairs(checkpoint)
    reader = FactorReader(checkpoint.path)
    try:
        _, _, values = measure_factors(reader, pair)
    finally:
        reader.close()
    return torch.tensor(values, dtype=torch.float64)


def assert_spectrum(checkpoint: CheckpointFile, down: torch.Tensor, up: torch.Tensor) -> None:
    """Hold the module to what its docstring promises: 1e-5 relative, down to FLOOR |down||up|."""
    found = values_of(checkpoint)
    exact = torch.linalg.svdvals(up @ down)
    exact = torch.nn.functional.pad(exact, (0, max(0, len(found) - len(exact))))[: len(found)]
    bound = FLOOR * torch.linalg.matrix_norm(down, 2) * torch.linalg.matrix_norm(up, 2)
    torch.testing.assert_close(found[exact > bound], exact[exact > bound], rtol=TOLERANCE, atol=0)
    assert (found[exact <= bound] <= 2 * bound).all()
    torch.testing.assert_close(found.norm(), exact.norm(), rtol=TOLERANCE, atol=0)


@pytest.mark.parametrize("decades", list(itertools.product((0, 1, 4, 9), (0, 1, 4, 9))))
@pytest.mark.parametrize("shape", [(8, 120, 40), (32, 200, 96), (32, 20, 24)])
def test_spectra_of_any_condition(save: Save, shape: tuple[int, int, int], decades: tuple[int, int]) -> None:
    rank, fan_in, fan_out = shape
    down, up = graded(rank, fan_in, decades[0], 1), graded(fan_out, rank, decades[1], 2)
    assert_spectrum(save({"m.lora_A.weight": down, "m.lora_B.weight": up}), down, up)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_format_the_trainers_write(save: Save, dtype: torch.dtype) -> None:
    tensors = factors(16, 300, 200, module="m", dtype=dtype)
    down, up = (tensor.double() for tensor in tensors.values())
    assert_spectrum(save(tensors), down, up)


NARROW = (torch.float32, torch.bfloat16, torch.float16)
"""Formats whose down factors are taken in float32 where their condition allows it."""


@pytest.mark.parametrize("dtype", NARROW, ids=str)
@pytest.mark.parametrize("kind", ["uniform", "normal", "signs", "almost signs"])
def test_wide_layers_as_they_are_initialised_and_at_their_worst(save: Save, dtype: torch.dtype, kind: str) -> None:
    random = torch.Generator().manual_seed(11)
    normal = torch.randn(16, 5120, generator=random)
    made = {
        "uniform": torch.rand(16, 5120, generator=random) * 2 - 1,
        "normal": normal,
        "signs": normal.sign() * 0.0137,
        "almost signs": normal.sign() * 0.0137 + normal * 0.001,
    }
    tensors = {"m.lora_A.weight": made[kind].to(dtype), "m.lora_B.weight": graded(60, 16, 4, 12).to(dtype)}
    down, up = (tensor.double() for tensor in tensors.values())
    assert condition_of(down) < sums.CONDITION_LIMIT
    assert_spectrum(save(tensors), down, up)


def condition_of(down: torch.Tensor) -> float:
    return float(torch.linalg.cond(down @ down.T))


@pytest.mark.parametrize("decades", [0.2, 0.23, 0.25, 0.3, 1, 2, 3])
@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_conditions_around_the_limit(save: Save, dtype: torch.dtype, decades: float) -> None:
    tensors = {"m.lora_A.weight": graded(24, 3000, decades, 13), "m.lora_B.weight": graded(80, 24, 2, 14)}
    tensors = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    down, up = (tensor.double() for tensor in tensors.values())
    assert_spectrum(save(tensors), down, up)


def test_the_limit_is_needed(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = {"m.lora_A.weight": graded(24, 3000, 3, 13).float(), "m.lora_B.weight": graded(80, 24, 1, 14).float()}
    down, up = (tensor.double() for tensor in tensors.values())
    monkeypatch.setattr(sums, "CONDITION_LIMIT", float("inf"))
    with pytest.raises(AssertionError):
        assert_spectrum(save(tensors), down, up)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("rank", [1, 7, 8, 9, 17, 33])
def test_ranks_beside_the_strips(save: Save, dtype: torch.dtype, rank: int) -> None:
    tensors = factors(rank, 90, 70, module="m", dtype=dtype, seed=rank)
    down, up = (tensor.double() for tensor in tensors.values())
    assert_spectrum(save(tensors), down, up)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("zero", ["lora_A", "lora_B"])
def test_a_factor_of_zeros(measure: Measure, dtype: torch.dtype, zero: str) -> None:
    tensors = factors(module="m", dtype=dtype)
    name = f"m.{zero}.weight"
    tensors[name] = torch.tensor([0.0, -0.0]).repeat(tensors[name].numel() // 2).view_as(tensors[name]).to(dtype)
    (module,) = measure(tensors).modules
    factor = module.down if zero == "lora_A" else module.up
    assert (factor.zeros, factor.max, factor.magnitude, factor.rms) == (factor.count, 0.0, 0.0, 0.0)
    assert (module.update_norm, module.spectral_norm, module.stable_rank) == (0.0, 0.0, None)


@pytest.mark.parametrize("dtype", DTYPES[:-2], ids=str)
def test_numbers_below_the_normal_range(save: Save, measure: Measure, dtype: torch.dtype) -> None:
    tensors = factors(8, 64, 32, module="m", dtype=dtype)
    small = torch.finfo(dtype).smallest_normal / 4
    down = tensors["m.lora_A.weight"]
    down.copy_((torch.rand(8, 64, generator=torch.Generator().manual_seed(1)).double() * small).to(dtype))
    exact = down.double()
    (module,) = measure(tensors).modules
    assert module.down.max == float(exact.abs().max()) < torch.finfo(dtype).smallest_normal
    assert module.down.magnitude == pytest.approx(float(exact.abs().mean()), rel=1e-6)
    assert module.down.zeros == int((exact == 0).sum())
    if sums.fits(module.down.max, sums.FLOAT64_RANGE):
        assert_spectrum(save(tensors), exact, tensors["m.lora_B.weight"].double())
    else:
        assert module.update_norm is None


def test_rows_that_repeat_and_columns_that_are_dead(save: Save) -> None:
    down, up = graded(12, 80, 1, 3), graded(60, 12, 1, 4)
    down[3] = down[2]
    up[:, 7] = 0
    assert_spectrum(save({"m.lora_A.weight": down, "m.lora_B.weight": up}), down, up)


def test_a_rank_one_update(save: Save) -> None:
    down = graded(8, 64, 0, 5)
    up = torch.outer(torch.arange(1.0, 33), torch.arange(1.0, 9)).double()
    assert_spectrum(save({"m.lora_A.weight": down, "m.lora_B.weight": up}), down, up)


@pytest.mark.parametrize("size", [1e-200, 1e-90, 1e90, 1e200])
def test_sizes_beyond_float64_leave_the_update_unknown(measure: Measure, size: float) -> None:
    tensors = {"m.lora_A.weight": graded(8, 64, 1, 6) * size, "m.lora_B.weight": graded(32, 8, 1, 7) * size}
    expert = measure(tensors)
    assert (expert.update_norm, expert.spectral_norm) == (None, None)
    assert expert.magnitude == pytest.approx(float(torch.cat([t.flatten() for t in tensors.values()]).abs().mean()))


@pytest.mark.parametrize("size", [1e-30, 1e-21, 1e-14, 1e14, 1e30])
def test_sizes_whose_squares_leave_float32(save: Save, measure: Measure, size: float) -> None:
    tensors = {"m.lora_A.weight": graded(8, 64, 1, 6).mul(size).float(), "m.lora_B.weight": graded(32, 8, 1, 7).float()}
    down, up = (tensor.double() for tensor in tensors.values())
    assert_spectrum(save(tensors), down, up)
    (module,) = measure(tensors).modules
    assert module.down.rms == pytest.approx(float(down.square().mean().sqrt()), rel=1e-6)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_sums_over_the_numbers(measure: Measure, dtype: torch.dtype) -> None:
    tensors = factors(8, 500, 300, dtype=dtype)
    down, up = (tensor.double() for tensor in tensors.values())
    both = torch.cat([down.flatten(), up.flatten()])
    expert = measure(tensors)
    assert expert.magnitude == pytest.approx(float(both.abs().mean()), rel=1e-6)
    assert expert.magnitude_down == pytest.approx(float(down.abs().mean()), rel=1e-6)
    assert expert.magnitude_up == pytest.approx(float(up.abs().mean()), rel=1e-6)
    assert expert.entries.rms == pytest.approx(float(both.square().mean().sqrt()), rel=1e-6)
    assert expert.entries.max == float(both.abs().max())
    assert expert.entries.zeros == int((both == 0).sum())
    assert (expert.entries.non_finite, expert.entries.count) == (0, both.numel())


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_largest_number_of_a_format_is_finite_and_what_lies_beyond_is_not(
    measure: Measure, dtype: torch.dtype
) -> None:
    tensors = factors(dtype=dtype)
    first = tensors["diffusion_model.blocks.0.self_attn.q.lora_A.weight"].view(-1)
    first[0] = -torch.finfo(dtype).max
    expert = measure(tensors)
    assert (expert.entries.non_finite, expert.entries.max) == (0, torch.finfo(dtype).max)
    first[0] = float("nan")
    first[1] = float("-inf")
    count = int((~first.double().isfinite()).sum())
    assert count in {1, 2}  # e4m3 has no infinity
    assert measure(tensors).entries.non_finite == count


def test_figures_of_the_update_against_the_product(measure: Measure) -> None:
    down, up = graded(6, 50, 1, 8), graded(40, 6, 1, 9)
    alpha = torch.tensor(3.0)
    (module,) = measure({"m.lora_down.weight": down, "m.lora_up.weight": up, "m.alpha": alpha}).modules
    product = 0.5 * up @ down
    values = torch.linalg.svdvals(product)[:6]
    shares = values / values.sum()
    assert module.scale == 0.5
    assert module.update_norm == pytest.approx(float(product.norm()), rel=TOLERANCE)
    assert module.spectral_norm == pytest.approx(float(values[0]), rel=TOLERANCE)
    assert module.stable_rank == pytest.approx(float(product.norm() ** 2 / values[0] ** 2), rel=TOLERANCE)
    assert module.effective_rank == pytest.approx(float((-(shares * shares.log()).sum()).exp()), rel=TOLERANCE)
    assert module.spectral_gap == pytest.approx(float(values[0] / values[1]), rel=TOLERANCE)


def test_a_convolution_is_measured_as_its_flattened_matrix(measure: Measure) -> None:
    random = torch.Generator().manual_seed(10)
    down = torch.randn(4, 3, 1, 3, 3, generator=random, dtype=torch.float64)
    up = torch.randn(8, 4, 1, 1, 1, generator=random, dtype=torch.float64)
    (module,) = measure({"lora_unet_patch.lora_down.weight": down, "lora_unet_patch.lora_up.weight": up}).modules
    assert (module.rank, module.fan_in, module.fan_out) == (4, 27, 8)
    product = up.flatten(1) @ down.flatten(1)
    assert module.update_norm == pytest.approx(float(product.norm()), rel=TOLERANCE)


SHAPES = [(1, 1), (1, 40), (3, 7), (16, 50), (17, 33), (40, 21), (64, 100)]


def factor(rank: int, width: int, seed: int, *, upright: bool) -> tuple[Factor, Reals]:
    """A bf16 factor, and its numbers as rank x width in float64."""
    shape = (width, rank) if upright else (rank, width)
    drawn = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    bits = (drawn.view(np.uint32) >> 16).astype(np.uint16)
    exact = numbers(bits, FORMATS["BF16"]).astype(np.float64)
    return Factor(bits, FORMATS["BF16"], rank, upright), exact.T if upright else exact


@pytest.mark.parametrize("block", [1, 100, sums.BLOCK])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_and_gram(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], block: int, upright: bool) -> None:
    monkeypatch.setattr(sums, "BLOCK", block)
    made, exact = factor(*shape, seed=1, upright=upright)
    for narrow, precision, error in ((np.float32, np.float32, 2e-6), (np.float32, np.float64, 1e-14)):
        magnitudes, found = sums.sums_and_gram(made, narrow=narrow, precision=precision)
        assert magnitudes == pytest.approx(np.abs(exact).sum(), rel=1e-6)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, found.T, rtol=0, atol=error * shape[1])
        np.testing.assert_allclose(found, exact @ exact.T, rtol=0, atol=error * shape[1])


@given(ranks=st.tuples(st.integers(1, 40), st.integers(1, 40)), width=st.integers(1, 60), upright=st.booleans())
def test_product_of_two_factors(ranks: tuple[int, int], width: int, upright: bool) -> None:
    (first, left), (second, right) = (
        factor(rank, width, seed=seed, upright=upright) for seed, rank in enumerate(ranks)
    )
    np.testing.assert_allclose(sums.product(first, second), left @ right.T, rtol=0, atol=1e-13 * width)


def test_a_product_over_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "BLOCK", 64)
    (first, left), (second, right) = (factor(rank, 50, seed=rank, upright=True) for rank in (4, 9))
    np.testing.assert_allclose(sums.product(first, second), left @ right.T, rtol=0, atol=1e-12)
