from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder, value

from diagnose.facts.config.base_model import record_base_model
from diagnose.facts.recorder import Recorder

I2V = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers-bf16"}


def recorded(folder: Path, **model: Any) -> Recorder:
    record = recorder()
    record_base_model(config_of(folder, model={**I2V, **model}), record)
    return record


def known(record: Recorder, name: str) -> Any:
    fact = facts_of(record)[name, "run"]
    return fact.value if fact.known else None


@pytest.mark.parametrize(
    ("name", "right", "matches"),
    [
        ("a/Wan2.2-I2V-A14B-Diffusers", True, True),
        ("a/Wan2.2-T2V-A14B-Diffusers", True, False),
        ("a/Wan2.1-I2V-14B-480P-Diffusers", False, True),
        ("a/Wan2.2-TI2V-5B-Diffusers", False, None),
        ("a/folder", None, None),
        ("/models/wan22_i2v_a14b", True, True),
    ],
)
def test_what_a_name_says_of_its_model(tmp_path: Path, name: str, *, right: bool | None, matches: bool | None) -> None:
    record = recorded(tmp_path, name_or_path=name)
    assert known(record, "config.base_is_wan22_14b") is right
    assert known(record, "config.base_matches_arch") is matches


def test_a_name_without_owner_or_folder(tmp_path: Path) -> None:
    assert known(recorded(tmp_path, name_or_path="Wan2.2-I2V"), "config.base_is_bare_name") is True
    assert known(recorded(tmp_path), "config.base_is_bare_name") is False


@pytest.mark.parametrize(
    ("model", "qtype", "encoder"),
    [
        ({}, "not quantised", "not quantised"),
        ({"quantize": True}, "qfloat8", "qfloat8"),
        ({"quantize": True, "quantize_te": False, "qtype": "uint4|a/b"}, "uint4", "not quantised"),
        ({"quantize": True, "layer_offloading": True}, "float8", "float8"),
        ({"quantize": True, "auto_memory": True, "qtype": "uint4"}, "uint4", "float8"),
        ({"quantize_te": True, "qtype_te": "qint8"}, "not quantised", "qint8"),
    ],
)
def test_the_quantisation_in_effect(tmp_path: Path, model: dict[str, Any], qtype: str, encoder: str) -> None:
    record = recorded(tmp_path, **model)
    assert value(record, "config.qtype") == qtype
    assert value(record, "config.qtype_te") == encoder


@pytest.mark.parametrize(
    ("qtype", "fits"),
    [
        ("uint4|o/ara/wan22_14b_t2i_torchao_uint4.safetensors", False),
        ("uint4|o/ara/wan22_14b_i2v_torchao_uint4.safetensors", True),
        ("uint4|t2i/an_adapter.safetensors", None),
        ("uint4", True),
    ],
)
def test_an_adapter_says_in_its_file_name_what_it_was_made_for(
    tmp_path: Path, qtype: str, *, fits: bool | None
) -> None:
    assert known(recorded(tmp_path, quantize=True, qtype=qtype), "config.recovery_adapter_fits") is fits


def test_no_adapter_is_loaded_without_quantisation(tmp_path: Path) -> None:
    record = recorded(tmp_path, qtype="uint4|o/wan22_14b_t2i.safetensors")
    assert known(record, "config.recovery_adapter_fits") is True
    assert known(record, "config.recovery_adapter") is None


@pytest.mark.parametrize(
    ("arch", "adapter", "loads"),
    [
        ("ltx2", "wan22_14b_t2i_torchao_uint4.safetensors", False),
        ("wan21:14b", "ostris/accuracy_recovery_adapters/wan22_14b_i2v_torchao_uint4.safetensors", False),
        ("wan22_14b", "qwen_image_torchao_uint3.safetensors", False),
        ("qwen_image_edit", "qwen_image_edit_torchao_uint3.safetensors", True),
        ("wan22_14b_i2v", "wan22_14b_t2i_torchao_uint4.safetensors", True),
        ("wan22_14b_i2v:x", "wan22_14b_i2v_torchao_uint4.safetensors", True),
        ("ltx2", "my_adapter.safetensors", True),
    ],
)
def test_an_adapter_of_another_family_does_not_load(tmp_path: Path, arch: str, adapter: str, *, loads: bool) -> None:
    record = recorder()
    base = {"arch": arch, "name_or_path": "a/b", "quantize": True, "qtype": f"uint4|{adapter}"}
    record_base_model(config_of(tmp_path, model=base), record)
    assert value(record, "config.recovery_adapter_loads") is loads
    if not loads:
        assert value(record, "config.recovery_adapter_fits") is False


@pytest.mark.parametrize(
    ("base", "known"),
    [("a/Wan2.2-I2V-A14B-Diffusers", False), ("models/wan_2.1", False), ("a/swan2", None), ("a/flux", None)],
)
def test_without_an_architecture_wan_is_not_loaded(tmp_path: Path, base: str, *, known: bool | None) -> None:
    record = recorder()
    record_base_model(config_of(tmp_path, model={"name_or_path": base}), record)
    fact = facts_of(record)["config.arch_known", "run"]
    assert (fact.value if fact.known else None) is known
