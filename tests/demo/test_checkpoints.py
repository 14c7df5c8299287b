from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from statistics import pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from diagnose.demo.case import derived_seed
from diagnose.demo.checkpoints import magnitudes


def metadata(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        found: dict[str, str] = file.metadata()
    return found


def test_v15_has_thirty_numbered_pairs(v15_dir: Path) -> None:
    names = {path.name for path in v15_dir.glob("*.safetensors")}
    assert names == {
        f"run-v15_{step:09d}_{expert}_noise.safetensors" for step in range(100, 3001, 100) for expert in ("high", "low")
    }


def test_v17_ends_with_a_pair_without_a_number(v17_dir: Path) -> None:
    names = {path.name for path in v17_dir.glob("*.safetensors")}
    assert len(names) == 2 * 22
    assert {"run-v17_high_noise.safetensors", "run-v17_low_noise.safetensors"} <= names
    assert json.loads(metadata(v17_dir / "run-v17_low_noise.safetensors")["training_info"])["step"] == 2200


def test_metadata_says_the_step_and_the_software(v15_dir: Path) -> None:
    found = metadata(v15_dir / "run-v15_000002400_high_noise.safetensors")
    assert json.loads(found["training_info"]) == {"step": 2400, "epoch": 100}
    assert json.loads(found["software"])["version"] == "0.7.4"
    assert (found["format"], found["ss_output_name"]) == ("pt", "run-v15")


def test_both_experts_carry_one_hash_and_saves_differ(v15_dir: Path) -> None:
    high, low, other = (
        metadata(v15_dir / f"run-v15_{name}_noise.safetensors")["sshs_model_hash"]
        for name in ("000002400_high", "000002400_low", "000002500_low")
    )
    assert high == low != other


def test_metadata_has_the_keys_of_a_real_run(real_fork_run: Path, v15_dir: Path) -> None:
    real = metadata(next(real_fork_run.glob("*_high_noise.safetensors")))
    ours = metadata(v15_dir / "run-v15_000000100_high_noise.safetensors")
    assert set(ours) == set(real)
    for key in ("software", "format", "ss_base_model_version"):
        assert ours[key] == real[key]
    assert len(ours["sshs_model_hash"]) == len(real["sshs_model_hash"])
    assert len(ours["sshs_legacy_hash"]) == len(real["sshs_legacy_hash"])


COUNTS = range(50, 1501, 50)


def test_figures_are_kept_to_the_last_bit() -> None:
    figures = {300: 0.004, 1200: 0.005605}
    course = magnitudes(figures, 0.0033, COUNTS, Random(derived_seed(0, "test")))
    assert all(course[count] == value for count, value in figures.items())


@given(st.lists(st.floats(1e-5, 1e-3), min_size=2, max_size=6), st.integers(0, 99))
def test_between_figures_the_course_wanders_by_a_small_part_of_what_is_learned(growth: list[float], seed: int) -> None:
    total, figures = 0.0033, {}
    for number, step in enumerate(growth, start=1):
        total += step
        figures[250 * number] = total
    course = magnitudes(figures, 0.0033, range(50, 250 * len(growth) + 1, 50), Random(derived_seed(seed, "test")))
    assert all(0.0033 < value < total + 0.02 * (total - 0.0033) for value in course.values())


def test_between_figures_on_a_line_the_course_lies_about_that_line() -> None:
    course = magnitudes({500: 2.0, 1500: 4.0}, 1.0, COUNTS, Random(derived_seed(0, "test")))
    assert all(value == pytest.approx(1 + count / 500, rel=0.015) for count, value in course.items())


def test_the_wander_is_that_of_a_random_walk() -> None:
    ends = [
        magnitudes({1: 2.0, 2: 2.0}, 1.0, [2, 402], Random(derived_seed(seed, "test")))[402] - 2 for seed in range(300)
    ]
    assert pstdev(ends) == pytest.approx(2e-4 * math.sqrt(400), rel=0.15)


def test_a_count_that_comes_twice_has_one_reading() -> None:
    course = magnitudes({500: 2.0}, 1.0, [100, 100, 101, 200, 200], Random(derived_seed(0, "test")))
    assert list(course) == [100, 101, 200]
