"""Checkpoints by name and header: step, experts, versions, and contradictions between them."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint, tensor_expert

Write = Callable[[str, str | bytes], Path]
PLAIN = ("diffusion_model.blocks.0.ffn.0.lora_A.weight",)
HIGH = "diffusion_model.transformer_1.blocks.0.ffn.0.lora_A.weight"
LOW = "diffusion_model.transformer_2.blocks.0.ffn.0.lora_A.weight"


def content(tensors: tuple[str, ...] = PLAIN, **metadata: str) -> bytes:
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    for index, name in enumerate(tensors):
        header[name] = {"dtype": "F16", "shape": [1], "data_offsets": [2 * index, 2 * index + 2]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"\0" * 2 * len(tensors)


@pytest.fixture
def read(write: Write, tmp_path: Path) -> Callable[..., CheckpointFile]:
    def reader(name: str, tensors: tuple[str, ...] = PLAIN, **metadata: str) -> CheckpointFile:
        return read_checkpoint(write(name, content(tensors, **metadata)), run_dir=tmp_path)

    return reader


@pytest.mark.parametrize(
    ("name", "step", "final", "experts"),
    [
        ("job_000000020_high_noise.safetensors", 20, False, ("high",)),
        ("job_000002400_low_noise.safetensors", 2400, False, ("low",)),
        ("job_high_noise.safetensors", 300, True, ("high",)),
        ("job_000000020.safetensors", 20, False, ()),
        ("job.safetensors", 300, True, ()),
        ("my_000000001_job_000000020_low_noise.safetensors", 20, False, ("low",)),
        ("job_20_high_noise.safetensors", 300, True, ("high",)),
        ("high_noise.safetensors", 300, True, ()),
        ("epoch.pt", 300, True, ()),
    ],
)
def test_names(
    read: Callable[..., CheckpointFile], name: str, step: int, *, final: bool, experts: tuple[str, ...]
) -> None:
    found = read(name, training_info='{"step": 300, "epoch": 59}')
    assert (found.file, found.step, found.final, found.experts) == (name, step, final, experts)
    assert not found.remarks


@pytest.mark.parametrize(
    ("tensors", "experts"),
    [
        ((HIGH, LOW), ("high", "low")),
        ((HIGH,), ("high",)),
        ((LOW,), ("low",)),
        (PLAIN, ()),
        (("lora_unet_transformer_2_blocks_0_ffn_0.lora_down.weight",), ("low",)),
        ((), ()),
    ],
)
def test_experts_from_the_tensors(
    read: Callable[..., CheckpointFile], tensors: tuple[str, ...], experts: tuple[str, ...]
) -> None:
    assert read("job.safetensors", tensors).experts == experts


def test_tensors_are_believed_over_the_name(read: Callable[..., CheckpointFile]) -> None:
    found = read("job_high_noise.safetensors", (LOW,))
    assert found.experts == ("low",)
    (remark,) = found.remarks
    assert "tensor names say low" in remark.text
    assert remark.place.file == "job_high_noise.safetensors"


def test_tensor_names_that_only_look_alike() -> None:
    assert tensor_expert("my_transformer_10.blocks") is None
    assert tensor_expert("transformer_2.blocks") == Expert.LOW


@pytest.mark.parametrize("training", ['{"step": -1}', '{"step": true}', '{"step": "9"}', "{}"])
def test_a_step_that_is_no_step_is_unknown(read: Callable[..., CheckpointFile], training: str) -> None:
    assert read("job.safetensors", training_info=training).step is None


@pytest.mark.parametrize("text", ["{", "[1]", "NaN", "[" * 100_000])
def test_embedded_json_that_is_none_is_remarked(read: Callable[..., CheckpointFile], text: str) -> None:
    found = read("job.safetensors", training_info=text, software=text)
    assert (found.step, found.software_version) == (None, None)
    assert [remark.place.key for remark in found.remarks] == ["__metadata__.training_info", "__metadata__.software"]


@pytest.mark.parametrize(
    ("version", "expected"), [('"0.7.4"', "0.7.4"), ("3", None), ('"a\\u001b[31m"', None), (f'"{"9" * 41}"', None)]
)
def test_the_trainers_version(read: Callable[..., CheckpointFile], version: str, expected: str | None) -> None:
    assert read("job.safetensors", software=f'{{"name": "x", "version": {version}}}').software_version == expected


def test_a_file_outside_the_run_keeps_the_name_it_was_given(write: Write, tmp_path: Path) -> None:
    path = write("job.safetensors", content())
    assert read_checkpoint(path, run_dir=tmp_path / "run").file == path.as_posix()


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="absent"):
        read_checkpoint(tmp_path / "absent.safetensors", run_dir=tmp_path)


def test_a_real_checkpoint_of_both_experts(real: Path) -> None:
    combined = real / "fork-j_combined" / "j_combined.safetensors"
    assert read_checkpoint(combined, run_dir=combined.parent).experts == ("high", "low")


@pytest.mark.parametrize(("version", "signs"), [("0.12.26", 1), ("0.8", 1), ("0.7.4", 0), ("nonsense", 0)])
def test_a_late_version_is_upstreams(read: Callable[..., CheckpointFile], version: str, signs: int) -> None:
    found = read("job.safetensors", software=f'{{"version": "{version}"}}').signs
    assert [sign.trainer for sign in found] == ["ai-toolkit"] * signs
