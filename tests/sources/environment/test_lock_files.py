"""The files beside a run that say what was to be installed: exact versions count, ranges do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diagnose.sources.environment.component import first_of_each
from diagnose.sources.environment.lock_files import MOST_FILES, beside_a_run

CONDA = """dependencies:
  - pytorch=2.5.1=py3.11_cuda12.4
  - python=3.11
  - pip:
    - triton==3.1.0
"""


def told(folder: Path) -> dict[str, tuple[str, str]]:
    found, _ = beside_a_run(folder)
    return {each.name: (each.version, str(each.place)) for each in first_of_each(found)}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("requirements.txt", "# torch==1.0\ntorch==2.7.0\nnumpy>=1.2\npeft\n", {"torch": ("2.7.0", 2)}),
        ("pip_freeze.txt", "bitsandbytes==0.45.1\r\nopencv-python===4.11.0\r\n",
         {"bitsandbytes": ("0.45.1", 1), "opencv-python": ("4.11.0", 2)}),
        ("pip_list.txt", "Package    Version\n---------- -------\ndiffusers  0.35.2\n", {"diffusers": ("0.35.2", 3)}),
        ("uv.lock", '[[package]]\nname = "torch"\nversion = "2.7.0+cu128"\n\n[[package]]\nname = "x"\nversion = "1.0"\n',
         {"torch": ("2.7.0+cu128", 3)}),
        ("poetry.lock", '[[package]]\nname = "numpy"\nversion = "2.2.6"\ndescription = ""\n', {"numpy": ("2.2.6", 3)}),
        ("environment.yml", CONDA, {"torch": ("2.5.1", 2), "python": ("3.11", 3), "triton": ("3.1.0", 5)}),
        ("pyproject.toml", 'dependencies = ["torch[x]==2.7.0", "numpy>=2"]\ndiffusers = "0.35.2"\n',
         {"torch": ("2.7.0", 1), "diffusers": ("0.35.2", 2)}),
        ("notes.txt", "torch==2.7.0\n", {}),
    ],
)  # fmt: skip
def test_a_file_tells(tmp_path: Path, name: str, text: str, found: dict[str, tuple[str, int]]) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / name).write_bytes(text.encode())
    assert told(run) == {each: (version, f"{name}:{line}") for each, (version, line) in found.items()}
    (run / name).rename(tmp_path / name)
    assert told(run) == {each: (version, f"../{name}:{line}") for each, (version, line) in found.items()}


def test_what_was_found_installed_goes_before_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("torch==2.6.0\n")
    (tmp_path / "freeze.txt").write_text("torch==2.7.0\n")
    assert told(tmp_path)["torch"] == ("2.7.0", "freeze.txt:1")
    assert [place.file for place in beside_a_run(tmp_path)[1]] == ["freeze.txt", "requirements.txt"]


def test_links_devices_and_masses_of_files_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("torch==2.7.0\n")
    run = tmp_path / "run"
    run.mkdir()
    (run / "requirements.txt").symlink_to(outside)
    os.mkfifo(run / "requirements-2.txt")
    (run / "uv.lock").mkdir()
    assert told(run) == {}
    for at in range(MOST_FILES + 5):
        (run / f"requirements-a{at}.txt").write_text(f"numpy==2.{at}\n")
    assert len(beside_a_run(run)[1]) == MOST_FILES


def test_a_folder_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    assert beside_a_run(tmp_path / "no") == ((), ())
