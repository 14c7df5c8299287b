"""The measured checkpoints, step by step."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import facts_of, recorder
from lora_files import factors
from measured import entries, measurement, pair
from msgspec.structs import replace
from safetensors.torch import save_file

from diagnose.cli.main import main
from diagnose.core.cache import Cache
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.pairs import Pair, one_per_step, pair_up, past_youth
from diagnose.facts.weights.strength import record_strength
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint
from diagnose.weights.measure import measure_run
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


def test_without_a_file_of_its_own_an_expert_has_the_steps_first() -> None:
    both = Pair(100, False, {}, ("a_high_noise.safetensors", "a_low_noise.safetensors"), {Expert.HIGH: "b"})
    assert [both.place(expert).file for expert in (Expert.HIGH, Expert.LOW, None)] == [
        "b",
        both.files[0],
        both.files[0],
    ]


def swapped(folder: Path, names: tuple[str, str]) -> list[Path]:
    """A pair under the given names: the first file holds the high-noise expert, by its tensors."""
    paths = []
    for name, transformer, scale in zip(names, (1, 2), (3.0, 1.0), strict=True):
        module = f"diffusion_model.transformer_{transformer}.blocks.0.ffn.0"
        tensors = factors(module=module, seed=transformer)
        tensors[f"{module}.lora_B.weight"] *= scale
        save_file(tensors, folder / name)
        paths.append(folder / name)
    return paths


@pytest.mark.parametrize(
    "names",
    [
        ("job_000000100_low_noise.safetensors", "job_000000100_high_noise.safetensors"),
        ("wan22-motion-000100.safetensors", "wan22-motion-l-000100.safetensors"),
        ("z_first.safetensors", "a_second.safetensors"),
    ],
)
def test_a_figure_cites_the_file_its_tensors_came_from_whatever_that_is_called(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    checkpoints = [read_checkpoint(path, run_dir=tmp_path) for path in sorted(swapped(tmp_path, names))]
    files = measure_run(checkpoints, cache=Cache(None))
    pairs = pair_up(files, frozenset(), 100)
    record = recorder()
    record_strength(pairs, pairs, record)
    facts = facts_of(record)
    for expert, name in zip(("high", "low"), names, strict=True):
        assert [place.file for place in facts["weights.magnitude", expert].places] == [name]
    assert [place.file for place in facts["weights.ratio", "run"].places] == list(names)


def test_explain_and_weights_agree_on_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text("config: {name: job}\n", encoding="utf-8")
    first, _ = swapped(tmp_path, ("job_000000100_low_noise.safetensors", "job_000000100_high_noise.safetensors"))
    assert main(["explain", "weights.magnitude", "--run", str(tmp_path)]) == 0
    (said,) = (line for line in capsys.readouterr().out.splitlines() if " of high " in line)
    assert first.name in said
