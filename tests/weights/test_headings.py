"""The cosine of consecutive changes, against the changes themselves formed in float64.

The cosine between two checkpoints' updates, against the products formed in float64."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from lora_files import Save, factors
from measured import measurement
from msgspec.structs import replace

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.headings import (
    Compared,
    Products,
    _cosine,
    _floor,
    _length,
    _products,
    chosen,
    compare,
    comparisons,
    together,
)
from diagnose.weights.headings import _modules as modules_of
from diagnose.weights.instrument import Advance, instrument
from diagnose.weights.measure import measure_run, measure_weights, work
from diagnose.weights.measurement import Heading

NONE = Cache(None)
Tensors = dict[str, torch.Tensor]


def walk(count: int, *, seed: int = 1, dtype: torch.dtype = torch.float32) -> list[Tensors]:
    """Two modules that move on a little at each step, half of the way as they did before."""
    state = factors(module="a", seed=seed) | factors(5, 30, 12, module="b", seed=seed + 50)
    chance = torch.Generator().manual_seed(seed)
    drift = {name: torch.randn(tensor.shape, generator=chance) * 0.002 for name, tensor in state.items()}
    states = []
    for _ in range(count):
        state = {
            name: tensor + drift[name] + torch.randn(tensor.shape, generator=chance) * 0.002
            for name, tensor in state.items()
        }
        states.append({name: tensor.to(dtype) for name, tensor in state.items()})
    return states


def update(tensors: Tensors) -> torch.Tensor:
    parts = (tensors[f"{m}.lora_B.weight"].double() @ tensors[f"{m}.lora_A.weight"].double() for m in "ab")
    return torch.cat([part.flatten() for part in parts])


def cosine(first: torch.Tensor, second: torch.Tensor) -> float:
    return float((first * second).sum() / first.norm() / second.norm())


def saved(save: Save, states: list[Tensors], expert: str = "high") -> list[CheckpointFile]:
    return [save(state, f"j_{100 * (i + 1):09d}_{expert}_noise.safetensors") for i, state in enumerate(states)]


def headings(files: list[CheckpointFile]) -> tuple[tuple[Heading, ...], tuple[Remark, ...]]:
    found = measure_weights(files, cache=NONE)
    return found.headings, found.remarks


def test_cosines_and_lengths_are_those_of_the_changes(save: Save) -> None:
    states = walk(4)
    (found,), remarks = headings(saved(save, states))
    updates = [update(state) for state in states]
    changes = [after - before for before, after in pairwise(updates)]
    assert not remarks
    assert (found.expert, found.steps) == ("high", (100, 200, 300, 400))
    assert found.lengths == pytest.approx([float(change.norm()) for change in changes], rel=1e-4)
    exact = [cosine(a, b) for a, b in pairwise(changes)]
    assert found.cosines == pytest.approx(exact, abs=1e-4)
    assert all(0.2 < each < 0.8 for each in exact)
    last = states[-1]["a.lora_B.weight"] @ states[-1]["a.lora_A.weight"]
    before = states[-2]["a.lora_B.weight"] @ states[-2]["a.lora_A.weight"]
    assert found.last_change["a"] == pytest.approx(float((last - before).norm()), rel=1e-3)


@pytest.mark.parametrize(("factor", "expected"), [(1.0, 1.0), (-1.0, -1.0)])
def test_straight_on_is_one_and_straight_back_is_minus_one(save: Save, factor: float, expected: float) -> None:
    first, step = walk(1)[0], 0.5
    states = []
    for reach in (1.0, 1.0 + step, 1.0 + step + factor * step):
        state = {name: tensor.clone() for name, tensor in first.items()}
        for module in "ab":
            state[f"{module}.lora_B.weight"] *= reach
        states.append(state)
    (found,), _ = headings(saved(save, states))
    assert found.cosines[0] == pytest.approx(expected, abs=1e-4)
    assert abs(found.cosines[0] or 0) <= 1


def test_a_change_below_the_error_of_the_norms_has_no_direction(save: Save) -> None:
    state = walk(1)[0]
    (found,), _ = headings(saved(save, [state, state, walk(2)[1]]))
    assert found.lengths[0] == 0
    assert found.cosines == (None,)
    assert found.floor is None


def test_rounding_lowers_the_cosine_by_no_more_than_the_floor(save: Save) -> None:
    exact, rounded = [], []
    for seed in range(12):
        states = walk(3, seed=seed)
        rough = [{name: tensor.bfloat16() for name, tensor in state.items()} for state in states]
        (fine,), _ = headings(saved(save, states))
        (coarse,), _ = headings(saved(save, rough))
        assert fine.floor == 0, "float32 is not rounded when it is saved"
        assert coarse.floor is not None
        exact.append(fine.cosines[0] or 0)
        rounded.append((coarse.cosines[0] or 0, coarse.floor))
    off = sum(a - b for a, (b, _) in zip(exact, rounded, strict=True))
    assert 0 < off < sum(floor for _, floor in rounded) < 5 * off


def test_nan_leaves_the_course_unknown(save: Save) -> None:
    states = walk(3)
    states[1]["a.lora_A.weight"][0, 0] = math.nan
    (found,), _ = headings(saved(save, states))
    assert (found.lengths, found.cosines) == ((None, None), (None,))


def test_two_checkpoints_have_no_course_and_a_foreign_one_a_remark(save: Save) -> None:
    files = saved(save, walk(3))
    assert headings(files[:2]) == ((), ())
    odd = save(factors(module="z"), "j_000000400_high_noise.safetensors")
    found, (remark,) = headings([*files[:2], odd])
    assert not found
    assert "where the updates were heading is unknown" in remark.text
    assert remark.place.file == odd.file


def test_a_long_run_costs_five_comparisons_per_expert(save: Save) -> None:
    states = walk(31)
    files = [*saved(save, states, "high"), *saved(save, states, "low")]
    high, low = chosen(files)
    assert [each.step for each in high] == [1300, 1900, 2500, 3100]
    assert {each.experts for each in low} == {("low",)}
    assert len(comparisons(high)) == 5


def test_the_second_time_reads_no_tensor_and_progress_covers_all_the_work(save: Save, tmp_path: Path) -> None:
    files = saved(save, walk(5))
    cache = Cache(tmp_path / "cache")
    steps: list[Advance] = []
    first = measure_weights(files, cache=cache, progress=steps.append)
    read = sum(step.bytes for step in steps)
    assert 0.5 * work(files) < read <= work(files), "the rest is headers"
    again: list[Advance] = []
    second = measure_weights(files, cache=cache, progress=again.append)
    assert sum(step.bytes for step in again) == read
    assert second.headings == first.headings
    assert all(file.cached for file in second.files)


def two(seed: int, fan_in: int = 24) -> dict[str, torch.Tensor]:
    return factors(fan_in=fan_in, module="a", seed=seed) | factors(5, 30, 12, module="b", seed=seed + 50)


def product(tensors: dict[str, torch.Tensor], module: str, scale: float = 1.0) -> torch.Tensor:
    down, up = tensors[f"{module}.lora_A.weight"].double(), tensors[f"{module}.lora_B.weight"].double()
    return scale * up @ down


def compared(earlier: CheckpointFile, later: CheckpointFile, cache: Cache = NONE) -> dict[str | None, Compared]:
    first, second = measure_run([earlier, later], cache=NONE)
    with instrument(cache, None, None) as asked:
        return compare(earlier, later, modules_of(first), modules_of(second), asked=asked)


def products(earlier: CheckpointFile, later: CheckpointFile, cache: Cache = NONE) -> Compared:
    (found,) = compared(earlier, later, cache).values()
    return found


def angle(found: Products | None) -> float | None:
    return found and (found.overlap / found.earlier / found.later if found.earlier and found.later else None)


def test_cosines_by_module_and_overall(save: Save) -> None:
    first, second = two(1), two(2)
    for name, tensor in second.items():
        tensor.add_(first[name])
    ((expert, found),) = compared(
        save(first, "a_high_noise.safetensors"), save(second, "b_high_noise.safetensors")
    ).items()
    assert expert == "high"
    assert list(found) == ["a", "b"]
    for name, module in found.items():
        exact = cosine(product(first, name), product(second, name))
        assert 0.05 < exact < 0.95
        assert angle(module) == pytest.approx(exact, rel=1e-5)
    every = [torch.cat([product(each, name).flatten() for name in "ab"]) for each in (first, second)]
    assert angle(together(found)) == pytest.approx(cosine(*every), rel=1e-5)


def test_ranks_and_scales_may_differ(save: Save) -> None:
    first = factors(4, module="a", seed=3) | {"a.alpha": torch.tensor(-8.0)}
    second = factors(6, module="a", seed=4)
    found = products(save(first, "a.safetensors"), save(second, "b.safetensors"))
    assert angle(found["a"]) == pytest.approx(cosine(product(first, "a", -2.0), product(second, "a")), rel=1e-4)


@pytest.mark.parametrize(("factor", "expected"), [(1.0, 1.0), (3.0, 1.0), (-1.0, -1.0)])
def test_the_same_direction_is_one(save: Save, factor: float, expected: float) -> None:
    first = factors(module="a")
    second = factors(module="a")
    second["a.lora_B.weight"].mul_(factor)
    found = products(save(first, "a.safetensors"), save(second, "b.safetensors"))
    assert angle(together(found)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("sign", [1, -1])
def test_rounding_never_takes_a_cosine_beyond_one(sign: int) -> None:
    square = Products(0.0, 1.0, 1.0)
    assert _cosine(square, square, Products(-1 - sign * 2.0002, 1.0, 1.0)) == sign


def test_an_untrained_or_broken_module_points_nowhere(save: Save) -> None:
    first, second = two(1), two(2)
    first["a.lora_B.weight"].zero_()
    earlier, later = save(first, "a.safetensors"), save(second, "b.safetensors")
    found = products(earlier, later)
    assert [angle(module) is None for module in found.values()] == [True, False]
    assert angle(together(found)) is not None
    second["a.lora_A.weight"][0, 0] = float("nan")
    broken = products(earlier, save(second, "c.safetensors"))
    assert [module is None for module in broken.values()] == [True, False]
    assert together(broken) is None
    assert together({}) is None


def test_only_modules_of_one_shape_are_compared(save: Save) -> None:
    assert list(products(save(two(1), "a.safetensors"), save(two(2, fan_in=26), "b.safetensors"))) == ["b"]


def test_files_without_a_common_module_are_refused(save: Save) -> None:
    high, low = save(two(1), "a_high_noise.safetensors"), save(two(1), "a_low_noise.safetensors")
    with pytest.raises(DiagnoseError, match=r"a_low_noise.safetensors: shares no module with a_high_noise"):
        compared(high, low)


def test_a_remembered_answer_is_the_same(save: Save) -> None:
    first = save(two(1), "a.safetensors")
    second = save(two(2), "b.safetensors")
    cache = Cache(first.path.parent / "cache")
    fresh = products(first, second, cache)
    entries = set((first.path.parent / "cache").rglob("*.json"))
    assert products(first, second, cache) == fresh
    assert set((first.path.parent / "cache").rglob("*.json")) == entries
    assert products(second, first, cache) != fresh


@pytest.mark.parametrize(("parts", "length"), [(1.95e-5, 0.0), (2.05e-5, (2 * 2.05e-5) ** 0.5)])
def test_a_length_below_the_error_of_the_norms_is_nothing(parts: float, length: float) -> None:
    assert _length(Products(1 - parts, 1.0, 1.0)) == pytest.approx(length)


@pytest.mark.parametrize(
    ("dtype", "share"),
    [("BF16", 1 / 256), ("F16", 1 / 2048), ("F8_E4M3", 1 / 16), ("F8_E5M2", 1 / 8), ("F32", 0.0), ("F64", 0.0)],
)
def test_the_floor_is_four_thirds_of_the_noise_over_both_lengths(save: Save, dtype: str, share: float) -> None:
    file = save(factors())
    rounded = replace(file, tensors=(replace(file.tensors[0], dtype=dtype), file.tensors[1]))
    assert _floor(rounded, Products(1.0, 3.0, 1.0), (2.0, 5.0)) == pytest.approx(4 * (share * 3) ** 2 / 3 / 10)
    assert _floor(replace(file, tensors=()), Products(1.0, 3.0, 1.0), (2.0, 5.0)) == 0
    assert _floor(file, None, (2.0, 5.0)) is None


@pytest.mark.parametrize("lost", ["scale", "update_norm"])
@pytest.mark.parametrize("side", [0, 1])
def test_one_unknown_figure_leaves_the_products_unknown(lost: str, side: int) -> None:
    (module,) = measurement(Expert.HIGH, 0.005).modules
    assert _products(module, module, 0.5) == Products(0.5, 1.0, 1.0)
    broken = replace(module, scale=None) if lost == "scale" else replace(module, update_norm=None)
    assert (_products(module, broken, 0.5) if side else _products(broken, module, 0.5)) is None
    assert _products(module, module, None) is None


def test_a_file_without_a_step_or_of_another_expert_is_not_compared(save: Save) -> None:
    files = saved(save, walk(3))
    other = replace(files[0], experts=("low",), step=150)
    assert chosen([*files, replace(files[0], step=None), other]) == [files]
    assert chosen([*files[:2], replace(files[2], step=None)]) == []
