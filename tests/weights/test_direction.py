"""The cosine between two checkpoints' updates, against the products formed in float64."""

import pytest
import torch
from lora_files import Save, factors

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.direction import ExpertDirection, ModuleDirection, update_directions

NONE = Cache(None)


def two(seed: int, fan_in: int = 24) -> dict[str, torch.Tensor]:
    return factors(fan_in=fan_in, module="a", seed=seed) | factors(5, 30, 12, module="b", seed=seed + 50)


def product(tensors: dict[str, torch.Tensor], module: str, scale: float = 1.0) -> torch.Tensor:
    down, up = tensors[f"{module}.lora_A.weight"].double(), tensors[f"{module}.lora_B.weight"].double()
    return scale * up @ down


def cosine(first: torch.Tensor, second: torch.Tensor) -> float:
    return float((first * second).sum() / first.norm() / second.norm())


def compare(earlier: CheckpointFile, later: CheckpointFile, cache: Cache = NONE) -> ExpertDirection:
    (expert,) = update_directions(earlier, later, cache=cache)
    return expert


def test_cosines_by_module_and_overall(save: Save) -> None:
    first, second = two(1), two(2)
    for name, tensor in second.items():
        tensor.add_(first[name])
    found = compare(save(first, "a_high_noise.safetensors"), save(second, "b_high_noise.safetensors"))
    assert found.expert is Expert.HIGH
    assert [module.name for module in found.modules] == ["a", "b"]
    for module in found.modules:
        exact = cosine(product(first, module.name), product(second, module.name))
        assert 0.05 < exact < 0.95
        assert module.cosine == pytest.approx(exact, rel=1e-5)
    every = [torch.cat([product(each, name).flatten() for name in "ab"]) for each in (first, second)]
    assert found.cosine == pytest.approx(cosine(*every), rel=1e-5)


def test_ranks_and_scales_may_differ(save: Save) -> None:
    first = factors(4, module="a", seed=3) | {"a.alpha": torch.tensor(-8.0)}
    second = factors(6, module="a", seed=4)
    found = compare(save(first, "a.safetensors"), save(second, "b.safetensors"))
    assert found.cosine == pytest.approx(cosine(product(first, "a", -2.0), product(second, "a")), rel=1e-4)


@pytest.mark.parametrize(("factor", "expected"), [(1.0, 1.0), (3.0, 1.0), (-1.0, -1.0)])
def test_the_same_direction_is_one_and_never_more(save: Save, factor: float, expected: float) -> None:
    first = factors(module="a")
    second = factors(module="a")
    second["a.lora_B.weight"].mul_(factor)
    found = compare(save(first, "a.safetensors"), save(second, "b.safetensors"))
    assert found.cosine == pytest.approx(expected, abs=1e-5)
    assert abs(found.cosine or 0) <= 1


def test_rounding_never_takes_a_cosine_beyond_one() -> None:
    assert ModuleDirection("m", 1.0000001, (1.0, 1.0)).cosine == 1.0
    assert ModuleDirection("m", -1.0000001, (1.0, 1.0)).cosine == -1.0


def test_an_untrained_or_broken_module_has_no_direction(save: Save) -> None:
    first, second = two(1), two(2)
    first["a.lora_B.weight"].zero_()
    earlier, later = save(first, "a.safetensors"), save(second, "b.safetensors")
    assert [module.cosine is None for module in compare(earlier, later).modules] == [True, False]
    assert compare(earlier, later).cosine is not None
    second["a.lora_A.weight"][0, 0] = float("nan")
    broken = compare(earlier, save(second, "c.safetensors"))
    assert [module.cosine is None for module in broken.modules] == [True, False]
    assert broken.cosine is None


def test_only_modules_of_one_shape_are_compared(save: Save) -> None:
    found = compare(save(two(1), "a.safetensors"), save(two(2, fan_in=26), "b.safetensors"))
    assert [module.name for module in found.modules] == ["b"]


def test_files_without_a_common_module_are_refused(save: Save) -> None:
    high, low = save(two(1), "a_high_noise.safetensors"), save(two(1), "a_low_noise.safetensors")
    with pytest.raises(DiagnoseError, match=r"a_low_noise.safetensors: shares no module with a_high_noise"):
        update_directions(high, low, cache=NONE)


def test_a_remembered_answer_is_the_same(save: Save) -> None:
    first = save(two(1), "a.safetensors")
    second = save(two(2), "b.safetensors")
    cache = Cache(first.path.parent / "cache")
    fresh = compare(first, second, cache)
    entries = set((first.path.parent / "cache").rglob("*.json"))
    assert compare(first, second, cache) == fresh
    assert set((first.path.parent / "cache").rglob("*.json")) == entries
    assert compare(second, first, cache).modules != fresh.modules
