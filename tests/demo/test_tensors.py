from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load

from diagnose.demo.tensors import (
    ExpertWeights,
    TensorData,
    _bf16,
    _uniform,
    expert_weights,
    lora_shapes,
    safetensors_file,
)


@pytest.fixture(scope="module")
def weights() -> ExpertWeights:
    return expert_weights(4, 0, "test")


def values(tensor: TensorData) -> torch.Tensor:
    return torch.frombuffer(bytearray(tensor.data), dtype=torch.bfloat16).double()


def pooled(tensors: list[TensorData]) -> float:
    everything = torch.cat([values(tensor) for tensor in tensors])
    return float(everything.abs().mean())


@pytest.mark.parametrize("magnitude", [0.0034, 0.004710, 0.005605, 0.0089])
def test_the_stored_tensors_have_the_magnitude(weights: ExpertWeights, magnitude: float) -> None:
    assert pooled(weights.at(magnitude, 0.5)) == pytest.approx(magnitude, rel=3e-5)


def test_the_untrained_reading_is_that_of_the_initialisation(weights: ExpertWeights) -> None:
    expected = elements = 0.0
    for name, shape in lora_shapes(4):
        elements += math.prod(shape)
        if "lora_A" in name:
            expected += math.prod(shape) / (2 * math.sqrt(shape[1]))
    assert weights.untrained == pytest.approx(expected / elements, rel=0.005)


def test_shapes_are_down_then_up_in_file_order() -> None:
    shapes = dict(lora_shapes(4))
    assert list(shapes) == sorted(shapes)
    assert shapes["diffusion_model.blocks.0.ffn.2.lora_A.weight"] == (4, 13824)
    assert shapes["diffusion_model.blocks.0.ffn.2.lora_B.weight"] == (5120, 4)


def test_up_matrices_hold_only_what_was_learned(weights: ExpertWeights) -> None:
    up = [tensor for tensor in weights.at(weights.untrained * (1 + 1e-4), 0.0) if ".lora_B." in tensor.name]
    down = [tensor for tensor in weights.at(weights.untrained * (1 + 1e-4), 0.0) if ".lora_A." in tensor.name]
    assert pooled(up) < 1e-3 * pooled(down)


def test_successive_checkpoints_point_the_same_way(weights: ExpertWeights) -> None:
    name = "diffusion_model.blocks.0.cross_attn.k.lora_B.weight"
    course = []
    for progress in (0.50, 0.53, 1.0):
        (tensor,) = (tensor for tensor in weights.at(0.005, progress) if tensor.name == name)
        course.append(values(tensor))
    near, far = (float(torch.cosine_similarity(course[0], other, dim=0)) for other in course[1:])
    assert near > 0.999
    assert 0.5 < far < 0.99


def test_experts_differ_and_repeat() -> None:
    assert np.array_equal(expert_weights(1, 0, "a").start, expert_weights(1, 0, "a").start)
    assert not np.array_equal(expert_weights(1, 0, "a").start, expert_weights(1, 0, "b").start)


@given(st.lists(st.integers(1, 9), max_size=5), st.text(max_size=9))
def test_the_reference_reader_reads_it_back(sizes: list[int], note: str) -> None:
    tensors = [TensorData(f"t{i}", "I16", (size,), b"\1\0" * size) for i, size in enumerate(sizes)]
    data = safetensors_file(tensors, {"note": note})
    assert (int.from_bytes(data[:8], "little") + 8) % 8 == 0
    assert {name: tensor.tolist() for name, tensor in load(data).items()} == {
        f"t{i}": [1] * size for i, size in enumerate(sizes)
    }


def test_metadata_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors_file([TensorData("w", "BF16", (1, 2), b"\0" * 4)], {"format": "pt", "a": "é"}))
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"format": "pt", "a": "é"}
        assert file.get_slice("w").get_shape() == [1, 2]


def test_keys_keep_their_order() -> None:
    data = safetensors_file([TensorData("w", "BF16", (1,), b"\0\1")], {"b": "2", "a": "1"})
    assert data[8:].startswith(b'{"__metadata__":{"b":"2","a":"1"},"w":')


@given(st.lists(st.floats(-(2.0**126), 2.0**126, width=32), min_size=1))
def test_rounding_to_bf16_is_that_of_torch(numbers: list[float]) -> None:
    words = torch.tensor(numbers).to(torch.bfloat16).view(torch.int16).tolist()
    assert np.frombuffer(_bf16(np.array(numbers, np.float32)), "<i2").tolist() == words


def test_draws_fill_the_unit_interval_as_finely_as_float32() -> None:
    draws = _uniform(100_000, np.random.RandomState(1))
    assert (draws * 2**24 % 1 == 0).all()
    assert 0 <= draws.min() < 1e-4
    assert 1 - 1e-4 < draws.max() < 1
    assert draws.mean(dtype=np.float64) == pytest.approx(0.5, abs=0.005)
