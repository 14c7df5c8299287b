"""One module's sums and figures, and its way through JSON."""

import json

import torch
from lora_files import Measure, factors

from diagnose.weights.modules import Entries, known, middle, module_from_json, module_to_json, pooled


def test_a_module_survives_json_to_the_last_bit(measure: Measure) -> None:
    tensors = factors() | factors(module="m", seed=3) | {"m.alpha": torch.tensor(float("nan"))}
    for module in measure(tensors).modules:
        assert module_from_json(json.loads(json.dumps(module_to_json(module), allow_nan=False))) == module


def test_negative_zero_is_zero_and_denormals_are_not(measure: Measure) -> None:
    tensors = factors(2, 4, 3)
    tensors["diffusion_model.blocks.0.self_attn.q.lora_B.weight"] = torch.tensor([[0.0, -0.0], [1e-45, 1], [2, 3]])
    assert measure(tensors).zeros == 2


def test_a_sum_beyond_float64_is_unknown() -> None:
    vast = Entries(1, 1e308, 1e308, 1e308, 0, 0)
    both = pooled((vast, vast))
    assert (both.absolute_sum, both.square_sum, both.max, both.count) == (None, None, 1e308, 2)


def test_pooling_nothing_is_nothing() -> None:
    assert pooled(()) == Entries(0, 0, 0, None, 0, 0)
    assert pooled(()).magnitude is None
    assert known([1.0, None]) is None
    assert middle([None]) is None
