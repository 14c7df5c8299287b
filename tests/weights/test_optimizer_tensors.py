"""Numbers that an optimizer keeps in tensors: automagic's rates, and settings of one element."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from diagnose.weights import optimizer_tensors
from diagnose.weights.optimizer_tensors import load_state, mean_rate, scalar


def rate_of(quantized: object, scale: object = 1e-6) -> float | None:
    return mean_rate({"params": [0]}, {0: {"lr_mask": {"quantized": quantized, "scale": scale}}})


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_a_number_kept_in_a_tensor_is_read_wherever_it_lies(dtype: torch.dtype) -> None:
    assert scalar(torch.tensor([7.0, 0.25, 9.0], dtype=dtype)[1:2]) == 0.25
    assert scalar(torch.tensor([[0.25]], dtype=dtype)) == 0.25
    assert scalar(torch.tensor(float("inf"), dtype=dtype)) is None


@pytest.mark.parametrize("odd", [torch.ones(2), torch.empty(0), torch.tensor(1j), torch.tensor(True), "1", None, True])
def test_what_is_no_single_number_is_unknown(odd: object) -> None:
    assert scalar(odd) is None


def test_plain_and_whole_numbers() -> None:
    assert (scalar(0.25), scalar(3), scalar(torch.tensor(3))) == (0.25, 3.0, 3.0)


def test_the_rate_is_the_mean_of_the_numbers_times_their_scale() -> None:
    numbers = torch.tensor([[100, 27], [-128, 127]], dtype=torch.int8)
    assert rate_of(numbers) == pytest.approx(31.5e-6, rel=1e-12)
    assert rate_of(numbers, torch.tensor(2e-6)) == pytest.approx(63e-6, rel=1e-6)


def test_each_tensor_counts_once() -> None:
    mask: dict[object, Any] = {
        at: {"lr_mask": {"quantized": torch.ones(at, dtype=torch.int8), "scale": float(at)}} for at in (1, 3)
    }
    assert mean_rate({"params": [1, 3]}, mask) == 2.0
    assert mean_rate({"params": [3, 4]}, mask) == 3.0, "4 was never updated"
    assert mean_rate({"params": [4]}, mask) is None


@pytest.mark.parametrize(
    ("quantized", "scale"),
    [
        (torch.zeros(2, 2), 1.0),
        (torch.empty(0).char(), 1.0),
        (torch.ones(2, dtype=torch.int8), "big"),
        (torch.ones(2, dtype=torch.int8), float("nan")),
        (torch.zeros(1, dtype=torch.int8).expand(2**40), 1.0),
        (torch.arange(6).char().reshape(2, 3).T, 1.0),
        ([1], 1.0),
    ],
)
def test_other_masks_have_no_rate(quantized: object, scale: object) -> None:
    assert rate_of(quantized, scale) is None


@pytest.mark.parametrize("params", [None, "01", ["0"], [torch.ones(2)], []])
def test_groups_that_name_no_tensor_have_no_rate(params: object) -> None:
    assert mean_rate({"params": params}, {0: {"lr_mask": {"quantized": torch.ones(1).char(), "scale": 1.0}}}) is None


@pytest.mark.parametrize("chunk", [1, 9, 139, 140, 141])
def test_rates_in_part_of_a_larger_tensor_and_over_many_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizer_tensors, "CHUNK", chunk)
    numbers = torch.arange(-120, 120).to(torch.int8).reshape(24, 10)[3:17]
    assert rate_of(numbers) == pytest.approx(float(numbers.double().mean()) * 1e-6, rel=1e-12)


def test_a_state_is_loaded_as_plain_values_and_tensors(tmp_path: Path) -> None:
    state: dict[str, Any] = {"state": {0: {"step": 1}}, "param_groups": [{"params": [0], "max_lr": torch.tensor(0.5)}]}
    torch.save(state, tmp_path / "optimizer.pt")
    assert load_state(tmp_path / "optimizer.pt") == state


def test_a_pickle_that_names_anything_else_is_not_loaded(tmp_path: Path) -> None:
    torch.save({"state": os.getcwd}, tmp_path / "optimizer.pt")
    with pytest.raises(Exception, match="Weights only load failed"):
        load_state(tmp_path / "optimizer.pt")


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path: Path) -> None:
    numbers = torch.arange(64, dtype=torch.int8)
    torch.save(numbers, tmp_path / "whole.pt")
    content = (tmp_path / "whole.pt").read_bytes()
    assert content.count(b"K@\x85") == 1, "the size, 64, in a tuple of one"
    (tmp_path / "wrong.pt").write_bytes(content.replace(b"K@\x85", b"K\x7f\x85"))
    assert torch.equal(load_state(tmp_path / "whole.pt"), numbers)
    with pytest.raises(RuntimeError):
        load_state(tmp_path / "wrong.pt")
