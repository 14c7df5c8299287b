"""The LoRA's scale in training and once loaded."""

from pathlib import Path

from builders import config_of, model
from trainer_names import AI_TOOLKIT

from diagnose.trainers.aitoolkit.lora_scale import earliest_phase_end, lora_scale


def test_the_alpha_schedule_is_exported_too_strong(tmp_path: Path) -> None:
    network = {"type": "lora", "linear": 64, "linear_alpha": 64, "alpha_schedule": {"enabled": True}}
    scale = lora_scale(config_of(tmp_path, network=network), model())
    assert scale is not None
    assert (scale.training, scale.excess) == (0.25, 4)
    upstream = lora_scale(config_of(tmp_path, AI_TOOLKIT, network=network), model(AI_TOOLKIT))
    assert upstream is not None
    assert upstream.excess == 1


def test_other_networks_have_no_known_scale(tmp_path: Path) -> None:
    assert lora_scale(config_of(tmp_path, network={"type": "lokr", "linear": 16}), model()) is None


def test_a_phase_ends_no_earlier_than_the_scheduler_has_its_losses(tmp_path: Path) -> None:
    for least, steps in ((20, 100), (400, 400), (None, 100)):
        phases = {"first": {"alpha": 8, "min_steps": least}, "second": {"min_steps": 900}}
        config = config_of(tmp_path, network={"alpha_schedule": {"conv_alpha_phases": phases}})
        assert (found := earliest_phase_end(config)) is not None
        assert (found[0], found[2]) == (steps, "first")
    assert earliest_phase_end(config_of(tmp_path, network={"type": "lora"})) is None
