"""Phases of the alpha schedule, whatever they are called."""

from pathlib import Path

import pytest
from builders import config_of, recorder, value

from diagnose.facts.config.declared import record_declared
from diagnose.facts.config.phases import phase_path


@pytest.mark.parametrize("name", ["foundation", "phase.1", "a[0]", 'the "first"', 3])
def test_a_phase_is_found_under_any_name(tmp_path: Path, name: str | int) -> None:
    phase = {"alpha": 8, "exit_criteria": {"min_gradient_stability": 0.55}}
    schedule = {"enabled": True, "conv_alpha_phases": {name: phase}}
    config = config_of(tmp_path, network={"type": "lora", "alpha_schedule": schedule})
    assert (found := config.number(f"{phase_path(name)}.alpha")) is not None
    assert found.value == 8
    record = recorder()
    record_declared(config, record)
    assert value(record, "config.foundation_alpha") == 8
    assert value(record, "config.phase_min_stability", str(name)) == 0.55
