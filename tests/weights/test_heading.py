"""The cosine of consecutive changes, against the changes themselves formed in float64."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from lora_files import Save, factors

from diagnose.core.cache import Cache
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.heading import chosen, comparisons, measure_headings
from diagnose.weights.measure import Advance
from diagnose.weights.run_weights import evenly
from diagnose.weights.whole import measure_weights, work

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


def test_cosines_and_lengths_are_those_of_the_changes(save: Save) -> None:
    states = walk(4)
    (found,), remarks = measure_headings(saved(save, states), cache=NONE)
    updates = [update(state) for state in states]
    changes = [after - before for before, after in pairwise(updates)]
    assert not remarks
    assert (found.expert, found.steps) == (Expert.HIGH, (100, 200, 300, 400))
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
    (found,), _ = measure_headings(saved(save, states), cache=NONE)
    assert found.cosines[0] == pytest.approx(expected, abs=1e-4)
    assert abs(found.cosines[0] or 0) <= 1


def test_a_change_below_the_error_of_the_norms_has_no_direction(save: Save) -> None:
    state = walk(1)[0]
    (found,), _ = measure_headings(saved(save, [state, state, walk(2)[1]]), cache=NONE)
    assert found.lengths[0] == 0
    assert found.cosines == (None,)
    assert found.floor is None


def test_rounding_lowers_the_cosine_by_no_more_than_the_floor(save: Save) -> None:
    exact, rounded = [], []
    for seed in range(12):
        states = walk(3, seed=seed)
        rough = [{name: tensor.bfloat16() for name, tensor in state.items()} for state in states]
        (fine,), _ = measure_headings(saved(save, states), cache=NONE)
        (coarse,), _ = measure_headings(saved(save, rough), cache=NONE)
        assert fine.floor == 0, "float32 is not rounded when it is saved"
        assert coarse.floor is not None
        exact.append(fine.cosines[0] or 0)
        rounded.append((coarse.cosines[0] or 0, coarse.floor))
    off = sum(a - b for a, (b, _) in zip(exact, rounded, strict=True))
    assert 0 < off < sum(floor for _, floor in rounded) < 5 * off


def test_nan_leaves_the_course_unknown(save: Save) -> None:
    states = walk(3)
    states[1]["a.lora_A.weight"][0, 0] = math.nan
    (found,), _ = measure_headings(saved(save, states), cache=NONE)
    assert (found.lengths, found.cosines) == ((None, None), (None,))


def test_two_checkpoints_have_no_course_and_a_foreign_one_a_remark(save: Save) -> None:
    files = saved(save, walk(3))
    assert measure_headings(files[:2], cache=NONE) == ((), ())
    odd = save(factors(module="z"), "j_000000400_high_noise.safetensors")
    found, (remark,) = measure_headings([*files[:2], odd], cache=NONE)
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


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 6, []), (1, 6, [0]), (2, 6, [0, 1]), (6, 6, [0, 1, 2, 3, 4, 5]), (30, 6, [0, 6, 12, 17, 23, 29]), (9, 1, [0])],
)
def test_indices_are_evenly_spread(count: int, most: int, expected: list[int]) -> None:
    assert evenly(count, most) == expected


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
