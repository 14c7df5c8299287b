from __future__ import annotations

import hashlib
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load
from torch import Tensor

from diagnose.demo.case import lora_shapes
from diagnose.demo.tensors import ExpertWeights, expert_weights, safetensors_file, tensors_digest


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
