"""What the keys of the quantisation come to together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of

from diagnose.trainers.quantisation import offloads_layers, quantisation, recovery_adapter


@pytest.mark.parametrize(
    ("model", "kind", "adapter"),
    [
        ({}, None, None),
        ({"qtype": "uint4|a/b.safetensors"}, None, "a/b.safetensors"),
        ({"quantize": True}, "qfloat8", None),
        ({"quantize": True, "qtype": "uint4|a/b.safetensors"}, "uint4", "a/b.safetensors"),
        ({"quantize": True, "qtype": "uint4", "accuracy_recovery_adapter": "c"}, "uint4", "c"),
        ({"quantize": True, "qtype": 4}, "", None),
    ],
)
def test_the_kind_and_its_adapter(tmp_path: Path, model: dict[str, Any], kind: str | None, adapter: str | None) -> None:
    config = config_of(tmp_path, model=model)
    named = recovery_adapter(config)
    assert quantisation(config) == kind
    assert (named.value if named is not None else None) == adapter


@pytest.mark.parametrize(
    ("model", "offloads"),
    [
        ({}, False),
        ({"layer_offloading": True}, True),
        ({"auto_memory": True}, True),
        ({"auto_memory": True, "layer_offloading": False}, False),
    ],
)
def test_the_older_key_for_offloading_counts_too(tmp_path: Path, model: dict[str, Any], offloads: bool) -> None:
    assert offloads_layers(config_of(tmp_path, model=model)).value is offloads
