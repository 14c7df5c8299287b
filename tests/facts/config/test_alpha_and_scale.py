"""Alpha as written and in effect, and the phases of its schedule, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import config_of, model, recorder, value
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.alpha_and_scale import record_alpha

WAN = {"arch": "wan22_14b_i2v"}


@pytest.mark.parametrize("name", ["foundation", "phase.1", "a[0]", 'the "first"', 3])
def test_a_phase_is_found_under_any_name(tmp_path: Path, name: str | int) -> None:
    phase = {"alpha": 8, "exit_criteria": {"min_gradient_stability": 0.55}}
    schedule = {"enabled": True, "conv_alpha_phases": {name: phase}}
    config = config_of(tmp_path, network={"type": "lora", "alpha_schedule": schedule})
    assert (found := config.number("phase.alpha", config.entry("alpha_schedule.phases", name))) is not None
    assert found.value == 8
    record = recorder()
    record_alpha(config, None, None, record)
    assert value(record, "config.foundation_alpha") == 8
    assert value(record, "config.phase_min_stability", str(name)) == 0.55


@pytest.mark.parametrize(
    ("network", "share"),
    [
        ({"linear": 64, "linear_alpha": 16}, 0.25),
        ({"rank": 32, "linear": 64, "linear_alpha": 32}, 1.0),
        ({"linear_alpha": 16}, 4.0),
    ],
)
def test_alpha_over_the_rank_that_counts(tmp_path: Path, network: dict[str, int], share: float) -> None:
    record = recorder()
    record_alpha(config_of(tmp_path, network=network, model=WAN), None, None, record)
    assert value(record, "config.alpha_over_rank") == share


def test_no_alpha_written_says_nothing_else_than_the_scale_there_is(tmp_path: Path) -> None:
    for network in ({}, {"linear": 64}):
        record = recorder()
        record_alpha(config_of(tmp_path, network=network, model=WAN), None, None, record)
        assert value(record, "config.alpha_over_rank") == 1


def test_phases_are_inert_on_wan_and_unread_upstream(tmp_path: Path) -> None:
    network = {"type": "lora", "linear": 16, "alpha_schedule": {"enabled": True, "linear_alpha": 16}}
    for trainer, modules, acts in (
        (RELAXIS, 0, False),
        (RELAXIS, 3, True),
        (AI_TOOLKIT, 3, False),
    ):
        record = recorder()
        record_alpha(config_of(tmp_path, trainer, network=network, model=WAN), model(trainer), modules, record)
        assert value(record, "effective.alpha_phases_act") is acts
