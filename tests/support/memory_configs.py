"""Settings of WAN 2.2 runs that decide how much memory they take."""

from __future__ import annotations

from builders import KNOWLEDGE

from diagnose.rulebase.domain import Network

I2V = {"arch": "wan22_14b_i2v"}
ARA = {"quantize": True, "qtype": "uint4|ostris/accuracy_recovery_adapters/wan22_14b_i2v_torchao_uint4.safetensors"}
EIGHT, LOW = {"quantize": True}, {"low_vram": True}
LORA = {"type": "lora", "linear": 32}
TRAIN = {"optimizer": "adamw8bit", "cache_text_embeddings": True}
CACHED = {"cache_latents": True}
SHAPES = {
    "still": {"num_frames": 1, "resolution": 1024, **CACHED},
    "384x33": {"num_frames": 33, "resolution": 384, **CACHED},
    "512x41": {"num_frames": 41, "resolution": 512, **CACHED},
    "384x81": {"num_frames": 81, "resolution": 384, **CACHED},
    "512x81": {"num_frames": 81, "resolution": 512, **CACHED},
}


def network() -> Network:
    described = KNOWLEDGE.domain.network
    assert described is not None
    return described


NETWORK = network()
