from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load

from diagnose.demo.archive import TensorData, safetensors_file


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
