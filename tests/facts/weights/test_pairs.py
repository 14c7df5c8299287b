"""The measured checkpoints, step by step."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import facts_of, recorder
from hypothesis import given
from hypothesis import strategies as st
from lora_files import factors
from measured import entries, measurement, pair
from msgspec.structs import replace
from safetensors.torch import save_file

from diagnose.cli.main import main
from diagnose.core.cache import Cache
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.pairs import Pair, every, in_words, one_per_step, pair_up, past_youth
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


SAVED = range(20, 401, 20)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([400], "step 400"),
        ([380, 400], "step 380 and 400"),
        ([360, 380, 400], "step 360 to 400"),
        ([*range(20, 181, 20), 360, 380, 400], "step 20 to 180 and 360 to 400"),
        ([200, 240, 280], "step 200, 240 and 280"),
        ([20, 80, 140, 200], "step 20, 80, 140 and 200"),
        ([20, 80, 140, 200, 260], "every third save from step 20 to 260"),
        ([20, 60, 100, 140, 180], "every second save from step 20 to 180"),
        ([20, 100, 180, 260, 340], "every fourth save from step 20 to 340"),
        ([20, 120, 220, 320, 400], "step 20, 120, 220, 320 and 1 more parts"),
        ([20, 40, 60, 100, 200], "step 20 to 60, 100 and 200"),
        ([20, 60, 120, 200, 300, 400], "step 20, 60, 120, 200 and 2 more parts"),
    ],
)
def test_words(steps: list[int], words: str) -> None:
    assert in_words(steps, SAVED) == words


def test_a_stride_has_a_name_up_to_every_fifth_save() -> None:
    named = [every(range(0, 3 * stride, stride)) for stride in range(1, 7)]
    words = ("second", "third", "fourth", "fifth")
    assert named == [None, *(f"every {word} save" for word in words), None]
    assert every([0, 2]) is None, "two saves have no rhythm"


@given(st.sets(st.sampled_from(list(SAVED)), min_size=1))
def test_a_range_has_no_holes(steps: set[int]) -> None:
    words = in_words(sorted(steps), SAVED)
    if " to " in words and "every" not in words and "more" not in words:
        spans = [part.split(" to ") for part in words.removeprefix("step ").replace(" and ", ", ").split(", ")]
        named = {step for span in spans for step in SAVED if int(span[0]) <= step <= int(span[-1])}
        assert named == steps
