"""Phases and alphas by the log against the schedule of the config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from builders import readings, recorder, value
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.gaps.alpha_schedule import extract
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import LogRow
from diagnose.sources.readings import AlphaState, PhaseTransition
from diagnose.trainers.declared import Config

Configure = Callable[..., Config]
PHASES = {"foundation": {"alpha": 8, "min_steps": 60}, "balance": {"alpha": 14, "min_steps": 80}}


def network(**changed: Any) -> dict[str, Any]:
    return {"alpha_schedule": {"enabled": True, "linear_alpha": 16, "conv_alpha_phases": PHASES, **changed}}


def logged(*phases: tuple[str, int]) -> list[LogRow]:
    names = [name for name, steps in phases for _ in range(steps)]
    return [LogRow(step, step + 1, loss=0.1, phase=name, linear_alpha=16) for step, name in enumerate(names)]


def recorded(
    config: Config,
    log: Sequence[LogRow] | None,
    states: tuple[AlphaState, ...] = (),
    trainer: str = RELAXIS,
) -> Recorder:
    record = recorder()
    read = replace(readings(metrics=log), alpha_states=states)
    extract(evidence(config, read, trainer=trainer), record)
    return record


def test_a_schedule_as_configured_leaves_no_gap(configure: Configure) -> None:
    record = recorded(configure(network=network()), logged(("foundation", 120), ("balance", 90)))
    assert value(record, "gap.phase") == "none"
    assert value(record, "gap.phase_end") == 0
    assert value(record, "effective.phase_earliest") == 100
    assert value(record, "log.linear_alpha") == value(record, "effective.linear_alpha") == 16
    assert value(record, "log.alpha_schedule") is True


def test_a_hundred_losses_are_needed_whatever_min_steps_says(configure: Configure) -> None:
    config = configure(network=network())
    assert value(recorded(config, logged(("foundation", 99), ("balance", 9))), "gap.phase_end") == 0
    assert value(recorded(config, logged(("foundation", 80), ("balance", 9))), "gap.phase_end") == 19
    assert value(recorded(config, logged(("foundation", 120), ("balance", 30), ("late", 9))), "gap.phase_end") == 50


def test_a_phase_of_another_config(configure: Configure) -> None:
    record = recorded(configure(network=network()), logged(("foundation", 120), ("refinement", 10)))
    assert value(record, "gap.phase") == "refinement"


def test_without_rows_the_saved_state_serves(configure: Configure) -> None:
    moves = (PhaseTransition(130, "foundation", "strange"),)
    state = AlphaState("job_alpha_scheduler.json", None, True, 1, 30, 160, moves)
    record = recorded(configure(network=network()), None, (state,))
    assert value(record, "gap.phase") == "strange"
    assert value(record, "gap.phase_end") == 0
    assert value(record, "log.alpha_schedule") is True


def test_a_log_without_a_schedule(configure: Configure) -> None:
    rows = [LogRow(step, step + 1, loss=0.1) for step in range(30)]
    assert value(recorded(configure(network=network()), rows), "log.alpha_schedule") is False
    record = recorded(configure(), logged(("foundation", 30)))
    assert value(record, "log.alpha_schedule") is True
    assert value(record, "effective.linear_alpha") is None


def test_the_trainers_alpha_stands_where_none_is_written(configure: Configure) -> None:
    config = configure(network=network(linear_alpha=None))
    assert value(recorded(config, None), "effective.linear_alpha") == 16


def test_upstream_has_no_schedule(configure: Configure) -> None:
    config = configure(AI_TOOLKIT, network=network())
    assert value(recorded(config, None, (), AI_TOOLKIT), "effective.phase_earliest") is None
