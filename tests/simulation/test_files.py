"""What a simulated run leaves is what the product's readers expect of a real one."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.sources.readings import RunReadings
from diagnose.sources.run_reading import read_run
from diagnose.trainers.rooms import run_readers
from simulation.configs import changed, recipe, text_of, upstream
from simulation.deaths import Death
from simulation.events import Events
from simulation.training import Course
from simulation.world import DOCUMENT
from simulation.writing import write_run

SHORT = {"train.steps": 240, "train.switch_boundary_every": 20, "save.save_every": 60}


def write(folder: Path, changes: dict[str, object], events: Events, trainer: str = RELAXIS) -> Course:
    base = recipe("recommended") if trainer == RELAXIS else upstream(recipe("recommended"))
    config = text_of(changed(base, {**SHORT, **changes}))
    return write_run(config, folder, trainer=trainer, world=DOCUMENT, events=events, seed=1)


def read(folder: Path) -> RunReadings:
    readings = read_run(folder, run_readers())
    assert readings.remarks == ()
    return readings


def test_a_whole_run_of_the_fork(tmp_path: Path) -> None:
    write(tmp_path, {}, Events())
    readings = read(tmp_path)
    assert [row.step for row in readings.logs[0].rows] == list(range(240))
    assert len(readings.checkpoints) == 8
    assert readings.console is not None


def test_a_run_of_upstream_logs_from_step_1(tmp_path: Path) -> None:
    write(tmp_path, {}, Events(), AI_TOOLKIT)
    readings = read(tmp_path)
    assert readings.logs[0].file == "loss_log.db"
    assert [row.step for row in readings.logs[0].rows] == list(range(1, 240))


def test_only_the_last_saves_are_kept(tmp_path: Path) -> None:
    write(tmp_path, {"save.max_step_saves_to_keep": 2}, Events())
    names = sorted(path.name for path in tmp_path.glob("*.safetensors"))
    assert names == [
        "motion-lora_000000180_high_noise.safetensors",
        "motion-lora_000000180_low_noise.safetensors",
        "motion-lora_high_noise.safetensors",
        "motion-lora_low_noise.safetensors",
    ]


def test_the_saved_numbers_are_the_weights_in_bf16(tmp_path: Path) -> None:
    course = write(tmp_path, {}, Events())
    for expert, weights in course.saves[-1].weights.items():
        saved = load_file(tmp_path / f"motion-lora_{expert.value}_noise.safetensors")
        flat = torch.cat([saved[name].flatten() for name in sorted(saved)])
        assert torch.equal(flat, torch.from_numpy(weights).to(torch.bfloat16))


def test_a_death_leaves_no_final_save(tmp_path: Path) -> None:
    write(tmp_path, {}, Events(death=Death(130, "RuntimeError: no")))
    readings = read(tmp_path)
    assert readings.logs[0].rows[-1].step == 129
    assert not (tmp_path / "motion-lora_high_noise.safetensors").exists()


def test_a_loss_that_is_no_number_is_logged_as_zero(tmp_path: Path) -> None:
    course = write(tmp_path, {}, Events(nan_from=100))
    assert course.rows[100].loss is None
    assert (tmp_path / "stdout.log").read_text(encoding="utf-8").count("loss is nan") == 140
    assert max(course.steps.values()) == 60  # a zero moves nothing


def test_the_newest_pair_may_be_half(tmp_path: Path) -> None:
    write(tmp_path, {}, Events(half_pair=True))
    assert (tmp_path / "motion-lora_high_noise.safetensors").exists()
    assert not (tmp_path / "motion-lora_low_noise.safetensors").exists()
