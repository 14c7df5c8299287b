"""What a console tells of the machine it ran on, line by line, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.core.values import Place
from diagnose.sources.environment import printed as module
from diagnose.sources.environment.component import Component, first_of_each
from diagnose.sources.environment.printed import printed


def told(folder: Path, text: str) -> dict[str, str]:
    file = folder / "run.log"
    file.write_text(text)
    return {each.name: each.version for each in first_of_each(printed(file, "run.log"))}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("PyTorch version: 2.6.0+cu124", {"torch": "2.6.0+cu124", "cuda": "12.4"}),
        ("- PyTorch version (GPU?): 2.7.1+cu128 (True)", {"torch": "2.7.1+cu128", "cuda": "12.8"}),
        (
            "Skipping import of cpp extensions due to incompatible torch version 2.8.0+cu129 for torchao version 0.14.0",
            {"torch": "2.8.0+cu129", "torchao": "0.14.0", "cuda": "12.9"},
        ),
        (
            "incompatible torch version. Please upgrade to torch >= 2.11.0 (found 2.9.1).",
            {"torch": "2.9.1", "torchao": "0.17+"},
        ),
        ("    PyTorch 2.1.0+cu121 with CUDA 1201 (you have 2.2.0+cu121)", {"torch": "2.1.0+cu121", "cuda": "12.1"}),
        (
            "ImportError: huggingface-hub>=0.34.0,<1.0 is required for this module, but found huggingface-hub==1.1.2.",
            {"huggingface-hub": "1.1.2"},
        ),
        ("[INFO] DeepSpeed info: version=0.18.4, git-hash=x", {"deepspeed": "0.18.4"}),
        ("Python 3.11.7 (main, Dec 8 2023)", {"python": "3.11.7"}),
        ('  File "/opt/venv/lib/python3.12/site-packages/torch/x.py", line 1', {"python": "3.12"}),
        (
            r'  File "C:\Users\me\Python310\lib\x.py", line 1',
            {"python": "3.10", "system": "Windows"},
        ),
        ("| NVIDIA-SMI 550.54.14   Driver Version: 550.54.14   CUDA Version: 12.4 |", {"driver": "550.54.14"}),
        ("|   0  NVIDIA GeForce RTX 4090        Off | 00000000:01:00.0 |", {"gpu": "NVIDIA GeForce RTX 4090"}),
        (
            "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch",
            {"gpu": "NVIDIA GeForce RTX 5090"},
        ),
        ("GPU 0 has a total capacity of 23.99 GiB of which 1.00 GiB is free", {"gpu-memory": "23.99 GiB"}),
        ("GPU 0 has a total capacty of 79.15 GiB of which", {"gpu-memory": "79.15 GiB"}),
        ("(GPU 0; 24.00 GiB total capacity; 22.1 GiB already allocated)", {"gpu-memory": "24.00 GiB"}),
        ("OS: Ubuntu 22.04.4 LTS (x86_64)", {"system": "Ubuntu 22.04.4 LTS (x86_64)"}),
        ("bitsandbytes==0.45.1", {"bitsandbytes": "0.45.1"}),
        ("huggingface_hub==0.34.0", {"huggingface-hub": "0.34.0"}),
        ("diffusers                 0.35.2", {"diffusers": "0.35.2"}),
        ("- `transformers` version: 4.57.0", {"transformers": "4.57.0"}),
        ("Successfully installed torch-2.7.0 flash-attn-2.8.1 left-pad-1.0", {"torch": "2.7.0", "flash-attn": "2.8.1"}),
        ("Requirement already satisfied: numpy>=1.24 in /x/site-packages (2.2.6)", {"numpy": "2.2.6"}),
        ("left-pad==1.0.0", {}),
        ("job:  10%|# | 1/10 [00:01<00:09, torch==9.9.9]", {}),
        ("we use a torch of version two", {}),
    ],
)
def test_a_line_tells(tmp_path: Path, line: str, found: dict[str, str]) -> None:
    assert told(tmp_path, f"{line}\n") == found


def test_the_first_word_counts_and_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "run.log"
    file.write_text("x\ntorch==2.7.0\ntorch==2.8.0\n")
    (torch,) = first_of_each(printed(file, "run.log"))
    assert (torch.version, str(torch.place), torch.installed) == ("2.7.0", "run.log:2", True)


def test_the_middle_of_a_long_console_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKED_AT", 100)
    filler = "".join(f"line {at:>4}\n" for at in range(100))
    file = tmp_path / "run.log"
    file.write_text(f"torch==2.7.0\n{filler}numpy==2.2.6\n{filler}peft==0.17.0\n")
    found = {each.name: str(each.place) for each in printed(file, "run.log")}
    assert found == {"torch": "run.log:1", "peft": "run.log:203"}


def test_what_is_installed_goes_before_what_was_asked_for() -> None:
    asked = Component("torch", "2.6.0", Place("requirements.txt", line=1), installed=False)
    there = Component("torch", "2.7.0", Place("run.log", line=9))
    assert first_of_each([asked, there]) == (there,)
