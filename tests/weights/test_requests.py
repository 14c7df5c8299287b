"""What goes over the pipe arrives as it was."""

from math import inf, isnan, nan
from pathlib import Path

import pytest
import torch
from lora_files import Save, factors

from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.weights.lora_pairs import lora_pairs
from diagnose.weights.requests import Request, Task, answer, read_answer, read_request


def test_a_request_survives_the_pipe(save: Save) -> None:
    tensors = factors(module="diffusion_model.blocks.3.ffn.0") | factors(module="head")
    tensors["head.alpha"] = torch.tensor(4.0)
    first, second = lora_pairs(save(tensors)), lora_pairs(save(factors(module="head"), "plain.safetensors"))
    assert {pair.expert for pair in (*first, *second)} == {Expert.HIGH, None}
    odd = Path("/runs/b\udcff d/\n.safetensors")
    request = Request(Task.OVERLAP, (odd, Path("b")), ((first[0], second[0]), (first[1], second[0])))
    assert request.line.isascii()
    assert request.line.count("\n") == 1
    assert read_request(request.line) == request


def test_results_survive_the_pipe() -> None:
    line = answer([1e-300, 0.1 + 0.2, inf, {"a": None}, nan])
    *found, last = read_answer(line)
    assert line.endswith("\n")
    assert found == [1e-300, 0.1 + 0.2, inf, {"a": None}]
    assert isnan(last)


def test_faults_of_files_and_of_ours_are_told_apart() -> None:
    def failing(error: Exception) -> str:
        def results() -> object:
            yield 1
            raise error

        return answer(results())  # type: ignore[arg-type]

    with pytest.raises(DiagnoseError, match=r"^a\.safetensors: ends$"):
        read_answer(failing(DiagnoseError("a.safetensors: ends")))
    with pytest.raises(RuntimeError, match="in a worker process: KeyError: 'x'"):
        read_answer(failing(KeyError("x")))


@pytest.mark.parametrize(
    ("least", "most", "sizes"),
    [(1, 99, [8, 6, 5, 4, 3, 2, 1, 1, 1, 1]), (3, 99, [8, 6, 5, 4, 3, 3, 3]), (1, 5, [5] * 4 + [3, 3, 2, 1, 1, 1, 1])],
)
def test_requests_are_cut_into_shares_of_what_is_left(save: Save, least: int, most: int, sizes: list[int]) -> None:
    tensors: dict[str, torch.Tensor] = {}
    for index in range(32):
        tensors |= factors(module=f"blocks.{index}.ffn.0", seed=index)
    file = save(tensors)
    request = Request(Task.STATISTICS, (file.path,), tuple((pair,) for pair in lora_pairs(file)))
    each = request.bytes // 32
    parts = list(request.parts(4, least=least * each, most=most * each))
    assert [len(part.modules) for part in parts] == sizes
    assert sum((part.modules for part in parts), ()) == request.modules
