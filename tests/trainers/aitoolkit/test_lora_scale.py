"""The LoRA's scale in training and once loaded."""

from pathlib import Path

from builders import config_of, model
from trainer_names import AI_TOOLKIT


def test_the_alpha_schedule_is_exported_too_strong(tmp_path: Path) -> None:
    network = {"type": "lora", "linear": 64, "linear_alpha": 64, "alpha_schedule": {"enabled": True}}
    scale = model().scale(config_of(tmp_path, network=network))
    assert scale is not None
    assert (scale.training, scale.excess) == (0.25, 4)
    upstream = model(AI_TOOLKIT).scale(config_of(tmp_path, AI_TOOLKIT, network=network))
    assert upstream is not None
    assert upstream.excess == 1


def test_other_networks_have_no_known_scale(tmp_path: Path) -> None:
    assert model().scale(config_of(tmp_path, network={"type": "lokr", "linear": 16})) is None


def test_a_phase_ends_no_earlier_than_the_scheduler_has_its_losses(tmp_path: Path) -> None:
    for least, steps in ((20, 100), (400, 400), (None, 100)):
        phases = {"first": {"alpha": 8, "min_steps": least}, "second": {"min_steps": 900}}
        config = config_of(tmp_path, network={"alpha_schedule": {"conv_alpha_phases": phases}})
        plan = model().alpha_plan(config)
        assert plan is not None
        assert (plan.earliest, plan.first_phase) == (steps, "first")
    none = model().alpha_plan(config_of(tmp_path, network={"type": "lora"}))
    assert none is not None
    assert none.first_phase is None
    assert model(AI_TOOLKIT).alpha_plan(config_of(tmp_path, AI_TOOLKIT)) is None, "it reads no schedule"
