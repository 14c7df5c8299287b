"""The safetensors file format, written byte for byte: a JSON header, then the tensors in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ALIGNMENT = 8


@dataclass(frozen=True, slots=True)
class TensorData:
    """A tensor as it lies in a file: little-endian, row by row. `dtype` is the format's own name ("BF16")."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes


def safetensors_file(tensors: Sequence[TensorData], metadata: Mapping[str, str]) -> bytes:
    """Return a whole file. Keys keep their order, so the same input gives the same bytes."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    begin = 0
    for tensor in tensors:
        end = begin + len(tensor.data)
        header[tensor.name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *(tensor.data for tensor in tensors)])
