"""What belongs together, and what is refused by its name."""

import pytest
import torch
from lora_files import Save, factors
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.lora_pairs import lora_pairs


@pytest.mark.parametrize(
    ("module", "name", "block", "kind"),
    [
        ("diffusion_model.blocks.7.self_attn.q", "blocks.7.self_attn.q", 7, "self_attn.q"),
        ("diffusion_model.transformer_1.blocks.0.ffn.2", "blocks.0.ffn.2", 0, "ffn.2"),
        ("transformer_2.blocks.39.cross_attn.o", "blocks.39.cross_attn.o", 39, "cross_attn.o"),
        ("lora_unet_blocks_12_self_attn_q", "blocks.12.self_attn.q", 12, "self_attn.q"),
        ("lora_unet_blocks_3_ffn_0", "blocks.3.ffn.0", 3, "ffn.0"),
        ("diffusion_model.text_embedding.0", "text_embedding.0", None, "text_embedding.0"),
    ],
)
def test_names_lose_the_prefix_of_their_trainer(
    save: Save, module: str, name: str, block: int | None, kind: str
) -> None:
    (pair,) = lora_pairs(save(factors(module=module)))
    assert (pair.name, pair.block, pair.kind) == (name, block, kind)


@pytest.mark.parametrize(
    ("module", "file", "expert"),
    [
        ("diffusion_model.transformer_1.blocks.0.ffn.0", "job.safetensors", Expert.HIGH),
        ("diffusion_model.transformer_2.blocks.0.ffn.0", "job.safetensors", Expert.LOW),
        ("diffusion_model.blocks.0.ffn.0", "job_low_noise.safetensors", Expert.LOW),
        ("diffusion_model.blocks.0.ffn.0", "job.safetensors", None),
        ("diffusion_model.transformer_1.blocks.0.ffn.0", "job_low_noise.safetensors", Expert.HIGH),
    ],
)
def test_the_expert_comes_from_the_tensor_then_from_the_file(
    save: Save, module: str, file: str, expert: Expert | None
) -> None:
    (pair,) = lora_pairs(save(factors(module=module), file))
    assert pair.expert == expert


def test_the_suffix_weight_is_optional_and_alpha_is_found(save: Save) -> None:
    tensors = {"m.lora_A": torch.ones(2, 3), "m.lora_B": torch.ones(5, 2), "m.alpha": torch.tensor(1.0)}
    (pair,) = lora_pairs(save(tensors))
    assert (pair.rank, pair.fan_in, pair.fan_out) == (2, 3, 5)
    assert pair.alpha is not None


def test_modules_come_in_the_order_of_their_bytes(save: Save) -> None:
    tensors = {**factors(module="b.blocks.1.q"), **factors(module="a.blocks.0.q")}
    pairs = lora_pairs(save(tensors))
    assert [pair.name for pair in pairs] == ["a.blocks.0.q", "b.blocks.1.q"]
    begins = [pair.down.begin for pair in pairs]
    assert begins == sorted(begins)


MATRIX, TALL = torch.ones(2, 3), torch.ones(5, 2)
REFUSED = {
    "LoKr": {"m.lokr_w1": MATRIX},
    "LoHa": {"m.hada_w1_a": MATRIX},
    "DoRA": {"m.lora_A.weight": MATRIX, "m.lora_B.weight": TALL, "m.dora_scale": torch.ones(5)},
    "Tucker": {"m.lora_mid.weight": MATRIX},
    "OFT": {"m.oft_blocks": MATRIX},
    "full-rank difference": {"m.diff": MATRIX},
    "not a LoRA factor": {"blocks.0.self_attn.q.weight": MATRIX},
    "has no up factor": {"m.lora_A.weight": MATRIX},
    "has no down factor": {"m.lora_up.weight": TALL},
    "has no down and no up factor": {"m.alpha": torch.tensor(1.0)},
    "do not multiply": {"m.lora_A.weight": MATRIX, "m.lora_B.weight": torch.ones(5, 3)},
    "same factor": {"m.lora_A.weight": MATRIX, "m.lora_down.weight": MATRIX, "m.lora_B.weight": TALL},
    "no matrix": {"m.lora_A.weight": torch.ones(2), "m.lora_B.weight": TALL},
    "must be one number": {"m.lora_A.weight": MATRIX, "m.lora_B.weight": TALL, "m.alpha": torch.ones(2)},
    "is I8": {"m.lora_A.weight": MATRIX.to(torch.int8), "m.lora_B.weight": TALL},
    "holds no tensors": {},
    "too large": {"m.lora_A.weight": torch.ones(2049, 1), "m.lora_B.weight": torch.ones(1, 2049)},
}


@pytest.mark.parametrize("word", REFUSED)
def test_whatever_is_not_plain_lora_is_refused_by_its_name(save: Save, word: str) -> None:
    with pytest.raises(DiagnoseError, match=word) as refusal:
        lora_pairs(save(REFUSED[word]))
    text = str(refusal.value)
    assert text.startswith("job_000000100_high_noise.safetensors: ")
    assert "\n" not in text


def laid_out(file: CheckpointFile, **places: tuple[int, int]) -> CheckpointFile:
    """The file with some tensors, by module and half, in other places."""
    tensors = []
    for tensor in file.tensors:
        begin, end = places.get(tensor.name.replace(".lora_", "_").removesuffix(".weight"), (tensor.begin, tensor.end))
        tensors.append(replace(tensor, begin=begin, end=end))
    return replace(file, tensors=tuple(tensors))


def test_a_module_lies_where_its_first_byte_lies(save: Save) -> None:
    file = save(factors(module="a") | factors(module="b"))
    apart = laid_out(file, a_A=(0, 10), b_A=(10, 20), b_B=(20, 30), a_B=(30, 40))
    assert [pair.name for pair in lora_pairs(apart)] == ["a", "b"]


def test_a_factor_of_128_mib_or_rank_2048_is_the_largest(save: Save) -> None:
    file = save(factors(module="a"))
    assert lora_pairs(laid_out(file, a_A=(0, 128 * 2**20)))
    with pytest.raises(DiagnoseError, match="too large"):
        lora_pairs(laid_out(file, a_A=(0, 128 * 2**20 + 1)))
    assert lora_pairs(save({"m.lora_A.weight": torch.ones(2048, 1), "m.lora_B.weight": torch.ones(1, 2048)}))
