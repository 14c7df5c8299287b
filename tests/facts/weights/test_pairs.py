"""The measured checkpoints, step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from measured import entries, measurement, pair

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.pairs import Pair, one_per_step, pair_up, past_youth
from diagnose.weights.measurement import FileMeasurement


def test_evidence_names_the_file_whose_tensors_were_measured() -> None:
    names = ("a_low_noise.safetensors", "a_high_noise.safetensors")
    files = [
        FileMeasurement(name, 100, (measurement(expert, 0.005),), 0.0, cached=False)
        for name, expert in zip(names, Expert, strict=True)
    ]
    (only,) = pair_up(files, frozenset(), None)
    assert only.place(Expert.HIGH).file == "a_low_noise.safetensors"
    assert only.place(Expert.LOW).file == "a_high_noise.safetensors"


def test_files_of_one_step_are_paired_and_the_final_one_comes_last() -> None:
    def file(name: str, step: int | None, expert: Expert) -> FileMeasurement:
        return FileMeasurement(name, step, (measurement(expert, 0.005),), 0.0, cached=False)

    files = [
        file("j_high_noise.safetensors", None, Expert.HIGH),
        file("j_000000100_low_noise.safetensors", 100, Expert.LOW),
        file("j_low_noise.safetensors", None, Expert.LOW),
        file("j_000000100_high_noise.safetensors", 100, Expert.HIGH),
    ]
    pairs = pair_up(files, frozenset({"j_high_noise.safetensors", "j_low_noise.safetensors"}), 150)
    assert [(p.step, p.final, len(p.experts)) for p in pairs] == [(100, False, 2), (150, True, 2)]


@pytest.mark.parametrize(("step", "past"), [(100, False), (101, True), (300, True)])
def test_the_first_third_of_a_run_is_its_youth(step: int, past: bool) -> None:
    assert past_youth(pair(step, 0.005, 0.004), pair(300, 0.005, 0.004)) is past


def test_the_last_save_is_past_its_youth_wherever_it_lies() -> None:
    only = pair(0, 0.005, 0.004)
    assert past_youth(only, only)


def test_of_a_save_and_the_final_file_of_one_step_the_latter_counts() -> None:
    saved, last = pair(100, 0.005, 0.004), replace(pair(100, 0.006, 0.004), final=True)
    assert one_per_step([saved, last]) == (last,)


def test_without_both_magnitudes_there_is_no_ratio() -> None:
    whole = pair(100, 0.006, 0.004)
    assert whole.ratio == pytest.approx(1.5)
    assert replace(whole, experts={Expert.HIGH: whole.experts[Expert.HIGH]}).ratio is None
    nothing = measurement(Expert.LOW, 0.0, up=entries(0.0))
    assert replace(whole, experts={**whole.experts, Expert.LOW: nothing}).ratio is None
    assert one_per_step([replace(whole, experts={})]) == ()


def test_a_file_without_an_expert_is_no_pair() -> None:
    unnamed = FileMeasurement(
        "a.safetensors", 100, (replace(measurement(Expert.HIGH, 0.005), expert=None),), 0.0, cached=False
    )
    assert pair_up([unnamed], frozenset(), None) == ()
    stepless = FileMeasurement("b.safetensors", None, (measurement(Expert.HIGH, 0.005),), 0.0, cached=False)
    assert pair_up([stepless], frozenset(), None) == ()
    assert [each.step for each in pair_up([stepless], frozenset(), 7)] == [7]


def test_the_name_tells_whose_file_it_is_where_nothing_else_does() -> None:
    both = Pair(100, False, {}, ("a_high_noise.safetensors", "a_low_noise.safetensors"))
    assert both.place(Expert.LOW).file == "a_low_noise.safetensors"
    assert both.place().file == "a_high_noise.safetensors"
