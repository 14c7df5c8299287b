"""Phases and alphas by the log against the schedule of the config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from builders import facts_of, readings, recorder, value
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
    config: Config | None,
    log: Sequence[LogRow] | None,
    states: tuple[AlphaState, ...] = (),
    trainer: str | None = RELAXIS,
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


STABLE = {
    "first": {"alpha": 8, "min_steps": 60, "exit_criteria": {"min_gradient_stability": 0.5}},
    "second": {"alpha": 14, "min_steps": 80, "exit_criteria": {"min_gradient_stability": 0.6}},
}


def progress(record: Recorder) -> tuple[Any, ...]:
    """Phases left, the last one, what it asks for, and whether it had its minimum steps."""
    names = ("log.phase_transitions", "log.phase_last", "phase.min_stability", "phase.min_steps_passed")
    return tuple(value(record, name) for name in names)


def state(phase: int | None, stayed: int | None, total: int | None, *moves: tuple[int, str, str]) -> AlphaState:
    steps = tuple(PhaseTransition(*move) for move in moves)
    return AlphaState(f"{total}_alpha_scheduler.json", None, total != 50, phase, stayed, total, steps)


@pytest.mark.parametrize(("stayed", "passed"), [(80, True), (79, False)])
def test_the_last_logged_phase_may_end_after_its_minimum_steps(
    configure: Configure, stayed: int, *, passed: bool
) -> None:
    config = configure(network=network(conv_alpha_phases=STABLE))
    record = recorded(config, logged(("first", 120), ("second", stayed)))
    assert progress(record) == (1, "second", 0.6, passed)


@pytest.mark.parametrize(
    ("saved", "due"),
    [
        (state(0, 60, 60), (0, None, 0.5, True)),
        (state(None, 59, 59), (0, None, 0.5, False)),
        (state(1, None, 140, (140, "first", "second")), (1, None, 0.6, False)),
        (state(1, 80, 220, (140, "first", "second")), (1, None, 0.6, True)),
        (state(2, 9, 400, (140, "first", "second"), (390, "second", "third")), (2, None, None, None)),
    ],
)
def test_the_saved_state_tells_the_phase_where_no_row_does(
    configure: Configure, saved: AlphaState, due: tuple[Any, ...]
) -> None:
    config = configure(network=network(conv_alpha_phases=STABLE))
    assert progress(recorded(config, None, (saved,))) == due


def test_before_a_run_the_first_phase_is_the_one_to_pass(configure: Configure) -> None:
    config = configure(network=network(conv_alpha_phases=STABLE))
    assert progress(recorded(config, None)) == (None, None, 0.5, None)
    assert progress(recorded(None, logged(("first", 9)))) == (0, "first", None, None)


def test_the_state_with_the_most_steps_is_the_latest(configure: Configure) -> None:
    latest, unknown = state(1, 9, 150, (140, "first", "second")), state(0, 1, None)
    for states in ((latest, state(0, 50, 50), unknown), (unknown, state(0, 50, 50), latest)):
        record = recorded(configure(network=network(conv_alpha_phases=STABLE)), None, states)
        assert value(record, "log.phase_transitions") == 1
        assert value(record, "log.alpha_schedule") is True
    early = recorded(configure(network=network(conv_alpha_phases=STABLE)), None, (unknown, state(0, 50, 50)))
    assert value(early, "log.alpha_schedule") is False


def test_a_phase_without_least_steps_may_end_where_it_began_after_a_hundred_losses(configure: Configure) -> None:
    config = configure(network=network(conv_alpha_phases={"first": {"min_steps": 150}, "second": {}, "third": {}}))
    moves = ((140, "first", "second"), (140, "second", "third"))
    assert value(recorded(config, None, (state(2, 9, 160, *moves),)), "gap.phase_end") == 10
    moves = ((150, "first", "second"), (150, "second", "third"))
    assert value(recorded(config, None, (state(2, 9, 160, *moves),)), "gap.phase_end") == 0


def test_an_alpha_alone_shows_a_schedule(configure: Configure) -> None:
    rows = [LogRow(step, step + 1, loss=0.1, linear_alpha=12) for step in range(9)]
    record = recorded(configure(network=network()), rows)
    assert value(record, "log.alpha_schedule") is True
    assert value(record, "log.linear_alpha") == 12


@pytest.mark.parametrize(("phases", "line"), [({"only": {"min_steps": 120}}, "min_steps"), ({"only": {}}, "enabled")])
def test_the_end_of_the_first_phase_stands_where_it_is_asked_for(
    configure: Configure, phases: dict[str, Any], line: str
) -> None:
    record = recorded(configure(network=network(conv_alpha_phases=phases)), None)
    [place] = facts_of(record)["effective.phase_earliest", "run"].places
    assert place.key is not None
    assert place.key.endswith(line)


def test_without_config_or_trainer_only_the_log_speaks(configure: Configure) -> None:
    for config, trainer in ((None, RELAXIS), (configure(network=network()), None)):
        record = recorded(config, logged(("foundation", 9)), (), trainer)
        assert value(record, "log.phase_last") == "foundation"
        assert value(record, "log.alpha_schedule") is None
