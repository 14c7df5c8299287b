from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from random import Random
from statistics import pstdev

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load
from torch import Tensor

from diagnose.demo.case import derived_seed, lora_shapes
from diagnose.demo.checkpoints import ExpertWeights, expert_weights, magnitudes, safetensors_file, tensors_digest


@pytest.fixture(scope="module")
def weights() -> ExpertWeights:
    return expert_weights(4, 0, "test")


def pooled(tensors: list[Tensor]) -> float:
    everything = torch.cat([tensor.double().flatten() for tensor in tensors])
    return float(everything.abs().mean())


@pytest.mark.parametrize("magnitude", [0.0034, 0.004710, 0.005605, 0.0089])
def test_the_stored_tensors_have_the_magnitude(weights: ExpertWeights, magnitude: float) -> None:
    assert pooled(list(weights.at(magnitude, 0.5).values())) == pytest.approx(magnitude, rel=3e-5)


def test_the_untrained_reading_is_that_of_the_initialisation(weights: ExpertWeights) -> None:
    expected = elements = 0.0
    for name, shape in lora_shapes(4):
        elements += math.prod(shape)
        if "lora_A" in name:
            expected += math.prod(shape) / (2 * math.sqrt(shape[1]))
    assert weights.untrained == pytest.approx(expected / elements, rel=0.005)


def test_tensors_are_named_shaped_and_rounded_as_the_file_has_them(weights: ExpertWeights) -> None:
    tensors = weights.at(0.005, 0.5)
    assert [(name, tuple(tensor.shape)) for name, tensor in tensors.items()] == list(lora_shapes(4))
    assert {tensor.dtype for tensor in tensors.values()} == {torch.bfloat16}


def test_up_matrices_hold_only_what_was_learned(weights: ExpertWeights) -> None:
    tensors = weights.at(weights.untrained * (1 + 1e-4), 0.0)
    up, down = ([each for name, each in tensors.items() if f".lora_{side}." in name] for side in "BA")
    assert pooled(up) < 1e-3 * pooled(down)


def test_successive_checkpoints_point_the_same_way(weights: ExpertWeights) -> None:
    name = "diffusion_model.blocks.0.cross_attn.k.lora_B.weight"
    course = [weights.at(0.005, progress)[name].double().flatten() for progress in (0.50, 0.53, 1.0)]
    near, far = (float(torch.cosine_similarity(course[0], other, dim=0)) for other in course[1:])
    assert near > 0.999
    assert 0.5 < far < 0.99


def test_experts_differ_and_repeat() -> None:
    assert torch.equal(expert_weights(1, 0, "a").start, expert_weights(1, 0, "a").start)
    assert not torch.equal(expert_weights(1, 0, "a").start, expert_weights(1, 0, "b").start)


@given(st.lists(st.integers(1, 9), max_size=5), st.text(max_size=9))
def test_the_reference_reader_reads_it_back(sizes: list[int], note: str) -> None:
    tensors = {f"t{i}": torch.ones(size, dtype=torch.int16) for i, size in enumerate(sizes)}
    data = safetensors_file(tensors, {"note": note})
    assert (int.from_bytes(data[:8], "little") + 8) % 8 == 0
    assert {name: tensor.tolist() for name, tensor in load(data).items()} == {
        f"t{i}": [1] * size for i, size in enumerate(sizes)
    }


def test_metadata_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors_file({"w": torch.zeros(1, 2, dtype=torch.bfloat16)}, {"format": "pt", "a": "é"}))
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"format": "pt", "a": "é"}
        assert file.get_slice("w").get_shape() == [1, 2]


def test_keys_keep_their_order() -> None:
    keys = {key: str(at) for at, key in enumerate("zyxabc")}
    data = safetensors_file({"w": torch.zeros(1)}, keys)
    assert data[8:].startswith(b'{"__metadata__":{"z":"0","y":"1","x":"2","a":"3","b":"4","c":"5"},"w":')


def test_the_digest_is_that_of_the_stored_numbers_of_all_files() -> None:
    high = {"a": torch.tensor([[1.0, -2.0]], dtype=torch.bfloat16), "b": torch.tensor([0.5], dtype=torch.bfloat16)}
    low = {"a": torch.tensor([3.0], dtype=torch.bfloat16)}
    words = torch.tensor([0x3F80, -0x4000, 0x3F00, 0x4040], dtype=torch.int16)
    assert tensors_digest(high, low) == hashlib.sha256(words.numpy().astype("<i2").tobytes()).digest()


def test_a_seed_gives_the_numbers_it_always_gave(weights: ExpertWeights) -> None:
    assert tensors_digest(weights.at(0.005, 0.5)).hex()[:16] == "96dc5a74036b1125"


def metadata(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        found: dict[str, str] = file.metadata()
    return found


def test_v15_has_thirty_numbered_pairs(v15_dir: Path) -> None:
    names = {path.name for path in v15_dir.glob("*.safetensors")}
    assert names == {
        f"run-v15_{step:09d}_{expert}_noise.safetensors" for step in range(100, 3001, 100) for expert in ("high", "low")
    }


def test_v17_ends_with_a_pair_without_a_number(v17_dir: Path) -> None:
    names = {path.name for path in v17_dir.glob("*.safetensors")}
    assert len(names) == 2 * 22
    assert {"run-v17_high_noise.safetensors", "run-v17_low_noise.safetensors"} <= names
    assert json.loads(metadata(v17_dir / "run-v17_low_noise.safetensors")["training_info"])["step"] == 2200


def test_metadata_says_the_step_and_the_software(v15_dir: Path) -> None:
    found = metadata(v15_dir / "run-v15_000002400_high_noise.safetensors")
    assert json.loads(found["training_info"]) == {"step": 2400, "epoch": 100}
    assert json.loads(found["software"])["version"] == "0.7.4"
    assert (found["format"], found["ss_output_name"]) == ("pt", "run-v15")


def test_both_experts_carry_one_hash_and_saves_differ(v15_dir: Path) -> None:
    high, low, other = (
        metadata(v15_dir / f"run-v15_{name}_noise.safetensors")["sshs_model_hash"]
        for name in ("000002400_high", "000002400_low", "000002500_low")
    )
    assert high == low != other


def test_metadata_has_the_keys_of_a_real_run(real_fork_run: Path, v15_dir: Path) -> None:
    real = metadata(next(real_fork_run.glob("*_high_noise.safetensors")))
    ours = metadata(v15_dir / "run-v15_000000100_high_noise.safetensors")
    assert set(ours) == set(real)
    for key in ("software", "format", "ss_base_model_version"):
        assert ours[key] == real[key]
    assert len(ours["sshs_model_hash"]) == len(real["sshs_model_hash"])
    assert len(ours["sshs_legacy_hash"]) == len(real["sshs_legacy_hash"])


COUNTS = range(50, 1501, 50)


def test_figures_are_kept_to_the_last_bit() -> None:
    figures = {300: 0.004, 1200: 0.005605}
    course = magnitudes(figures, 0.0033, COUNTS, Random(derived_seed(0, "test")))
    assert all(course[count] == value for count, value in figures.items())


@given(st.lists(st.floats(1e-5, 1e-3), min_size=2, max_size=6), st.integers(0, 99))
def test_between_figures_the_course_wanders_by_a_small_part_of_what_is_learned(growth: list[float], seed: int) -> None:
    total, figures = 0.0033, {}
    for number, step in enumerate(growth, start=1):
        total += step
        figures[250 * number] = total
    course = magnitudes(figures, 0.0033, range(50, 250 * len(growth) + 1, 50), Random(derived_seed(seed, "test")))
    assert all(0.0033 < value < total + 0.02 * (total - 0.0033) for value in course.values())


def test_between_figures_on_a_line_the_course_lies_about_that_line() -> None:
    course = magnitudes({500: 2.0, 1500: 4.0}, 1.0, COUNTS, Random(derived_seed(0, "test")))
    assert all(value == pytest.approx(1 + count / 500, rel=0.015) for count, value in course.items())


def test_the_wander_is_that_of_a_random_walk() -> None:
    ends = [
        magnitudes({1: 2.0, 2: 2.0}, 1.0, [2, 402], Random(derived_seed(seed, "test")))[402] - 2 for seed in range(300)
    ]
    assert pstdev(ends) == pytest.approx(2e-4 * math.sqrt(400), rel=0.15)


def test_a_count_that_comes_twice_has_one_reading() -> None:
    course = magnitudes({500: 2.0}, 1.0, [100, 100, 101, 200, 200], Random(derived_seed(0, "test")))
    assert list(course) == [100, 101, 200]
