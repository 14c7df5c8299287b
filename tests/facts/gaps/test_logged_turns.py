"""Turns by the log against turns by the settings, and rows of one expert that are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from builders import alternating, facts_of, readings, recorder, value
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.gaps.logged_turns import record_phases, record_turns
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.pairs import Pair
from diagnose.sources.log_rows import ExpertSource, LogRow
from diagnose.sources.readings import AlphaState, PhaseTransition
from diagnose.trainers.declared import Config
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.modules import Entries, ModuleMeasurement

Configure = Callable[..., Config]


def row(step: int, expert: Expert, source: ExpertSource = ExpertSource.LOGGED) -> LogRow:
    return LogRow(step, step + 1, loss=0.1, expert=expert, expert_source=source)


def recorded(config: Config, rows: Sequence[LogRow]) -> Recorder:
    record = recorder()
    record_turns(evidence(config, readings(metrics=rows)), record)
    return record


@given(switch=st.integers(1, 40), accumulation=st.integers(1, 4), steps=st.integers(1, 200))
def test_turns_as_configured_leave_no_gap(
    configure_once: Configure, switch: int, accumulation: int, steps: int
) -> None:
    config = configure_once(train={"switch_boundary_every": switch, "gradient_accumulation": accumulation})
    rows = [row(step, Expert.LOW if step * accumulation // switch % 2 else Expert.HIGH) for step in range(steps)]
    record = recorded(config, rows)
    assert value(record, "gap.turns") == 0
    assert value(record, "effective.turn") == switch / accumulation
    assert value(record, "gap.steps_missing", "high") in (0, None)


def test_another_switch_takes_half_of_the_turns_from_the_wrong_expert(configure: Configure) -> None:
    record = recorded(configure(), alternating(400, 100, row))
    fact = facts_of(record)["gap.turns", "run"]
    assert fact.value == 0.5
    assert (fact.samples, fact.places[0].step) == (400, 10)
    assert (value(record, "log.turn"), value(record, "effective.turn")) == (100, 10)
    assert value(record, "log.high_share") == value(record, "due.high_share") == 0.5


def test_labels_that_are_wrong_after_a_resume(configure: Configure) -> None:
    rows = alternating(100, 10, row)
    swapped = [row(each.step, Expert.HIGH if each.expert is Expert.LOW else Expert.LOW) for each in rows[60:]]
    assert value(recorded(configure(), [*rows[:60], *swapped]), "gap.turns") == pytest.approx(0.4)


def test_one_expert_labelled_throughout(configure: Configure) -> None:
    record = recorded(configure(), [row(step, Expert.HIGH) for step in range(100)])
    assert value(record, "gap.turns") == 0.5
    assert value(record, "log.high_share") == 1
    assert value(record, "log.turn") is None


def test_rows_of_one_expert_are_missing(configure: Configure) -> None:
    rows = [each for each in alternating(200, 10, row) if each.expert is Expert.HIGH or each.step % 4]
    record = recorded(configure(), rows)
    assert value(record, "gap.steps_missing", "low") == pytest.approx(0.2)
    assert value(record, "gap.steps_missing", "high") == 0
    only = [each for each in rows if each.expert is Expert.HIGH]
    assert value(recorded(configure(), only), "gap.steps_missing", "low") == pytest.approx(1)


def test_a_step_skipped_by_a_resume_is_next_to_nothing(configure: Configure) -> None:
    rows = [each for each in alternating(200, 10, row) if each.step != 160]
    assert value(recorded(configure(), rows), "gap.steps_missing", "high") == pytest.approx(0.01)


def test_a_log_of_every_tenth_step_lacks_nothing_it_should_have(configure: Configure) -> None:
    rows = [each for each in alternating(400, 10, row) if each.step % 10 == 0]
    assert value(recorded(configure(), rows), "gap.steps_missing", "low") is None
    assert value(recorded(configure(), rows), "gap.turns") == 0


def test_inferred_experts_show_nothing(configure: Configure) -> None:
    rows = [row(step, Expert.HIGH, ExpertSource.CADENCE) for step in range(100)]
    assert value(recorded(configure(), rows), "gap.turns") is None


def measured(expert: Expert, *, trained: bool) -> ExpertMeasurement:
    down = Entries(100, 1.0, 0.1, 0.1, 0, 0)
    up = down if trained else Entries(100, 0.0, 0.0, 0.0, 0, 100)
    module = ModuleMeasurement(
        name="blocks.0.self_attn.q", block=0, kind="self_attn.q", rank=4, fan_in=64, fan_out=64, dtype="BF16",
        scale=1.0, down=down, up=up, update_norm=1.0, spectral_norm=0.5, stable_rank=2.0, effective_rank=2.0,
        spectral_gap=1.5,
    )  # fmt: skip
    return ExpertMeasurement((module,), expert)


def pair(step: int, *, low: bool) -> Pair:
    experts = {Expert.HIGH: measured(Expert.HIGH, trained=True), Expert.LOW: measured(Expert.LOW, trained=low)}
    homes = {expert: f"j_{step:09d}_{expert.value}_noise.safetensors" for expert in Expert}
    return Pair(step, False, experts, tuple(homes.values()), homes)


def recorded_saves(config: Config, pairs: Sequence[Pair]) -> Recorder:
    record = recorder()
    record_turns(evidence(config, pairs=pairs), record)
    return record


@pytest.mark.parametrize(("first", "had"), [(5, 0), (9, 0), (10, 1), (40, 20)])
def test_a_dead_half_and_the_steps_it_had(configure: Configure, first: int, had: int) -> None:
    record = recorded_saves(configure(), [pair(first, low=False), pair(60, low=True)])
    assert value(record, "weights.untouched", "low") == first
    assert value(record, "due.steps", "low") == had
    assert value(record, "weights.untouched", "high") == 0


def test_the_latest_dead_half_is_shown_in_its_file(configure: Configure) -> None:
    fact = facts_of(recorded_saves(configure(), [pair(20, low=False), pair(40, low=False)]))["weights.untouched", "low"]
    assert fact.value == 40
    assert fact.places[0].file == "j_000000040_low_noise.safetensors"


def test_one_expert_alone_has_no_turns(configure: Configure) -> None:
    config = configure(model={"model_kwargs": {"train_low_noise": False}})
    record = recorded_saves(config, [pair(20, low=True)])
    assert value(record, "due.steps", "low") is None
    assert value(record, "weights.untouched", "low") == 0


PHASES = {"foundation": {"alpha": 8, "min_steps": 60}, "balance": {"alpha": 14, "min_steps": 80}}


def network(**changed: Any) -> dict[str, Any]:
    return {"alpha_schedule": {"enabled": True, "linear_alpha": 16, "conv_alpha_phases": PHASES, **changed}}


def logged(*phases: tuple[str, int]) -> list[LogRow]:
    names = [name for name, steps in phases for _ in range(steps)]
    return [LogRow(step, step + 1, loss=0.1, phase=name, linear_alpha=16) for step, name in enumerate(names)]


def recorded_alpha_schedule(
    config: Config | None,
    log: Sequence[LogRow] | None,
    states: tuple[AlphaState, ...] = (),
    trainer: str | None = RELAXIS,
) -> Recorder:
    record = recorder()
    read = replace(readings(metrics=log), alpha_states=states)
    record_phases(evidence(config, read, trainer=trainer), record)
    return record


def test_a_schedule_as_configured_leaves_no_gap(configure: Configure) -> None:
    record = recorded_alpha_schedule(configure(network=network()), logged(("foundation", 120), ("balance", 90)))
    assert value(record, "gap.phase") == "none"
    assert value(record, "gap.phase_end") == 0
    assert value(record, "effective.phase_earliest") == 100
    assert value(record, "log.linear_alpha") == value(record, "effective.linear_alpha") == 16
    assert value(record, "log.alpha_schedule") is True


def test_a_hundred_losses_are_needed_whatever_min_steps_says(configure: Configure) -> None:
    config = configure(network=network())
    assert value(recorded_alpha_schedule(config, logged(("foundation", 99), ("balance", 9))), "gap.phase_end") == 0
    assert value(recorded_alpha_schedule(config, logged(("foundation", 80), ("balance", 9))), "gap.phase_end") == 19
    assert (
        value(
            recorded_alpha_schedule(config, logged(("foundation", 120), ("balance", 30), ("late", 9))), "gap.phase_end"
        )
        == 50
    )


def test_a_phase_of_another_config(configure: Configure) -> None:
    record = recorded_alpha_schedule(configure(network=network()), logged(("foundation", 120), ("refinement", 10)))
    assert value(record, "gap.phase") == "refinement"


def test_without_rows_the_saved_state_serves(configure: Configure) -> None:
    moves = (PhaseTransition(130, "foundation", "strange"),)
    state = AlphaState("job_alpha_scheduler.json", None, True, 1, 30, 160, moves)
    record = recorded_alpha_schedule(configure(network=network()), None, (state,))
    assert value(record, "gap.phase") == "strange"
    assert value(record, "gap.phase_end") == 0
    assert value(record, "log.alpha_schedule") is True


def test_a_log_without_a_schedule(configure: Configure) -> None:
    rows = [LogRow(step, step + 1, loss=0.1) for step in range(30)]
    assert value(recorded_alpha_schedule(configure(network=network()), rows), "log.alpha_schedule") is False
    record = recorded_alpha_schedule(configure(), logged(("foundation", 30)))
    assert value(record, "log.alpha_schedule") is True
    assert value(record, "effective.linear_alpha") is None


def test_the_trainers_alpha_stands_where_none_is_written(configure: Configure) -> None:
    config = configure(network=network(linear_alpha=None))
    assert value(recorded_alpha_schedule(config, None), "effective.linear_alpha") == 16


def test_upstream_has_no_schedule(configure: Configure) -> None:
    config = configure(AI_TOOLKIT, network=network())
    assert value(recorded_alpha_schedule(config, None, (), AI_TOOLKIT), "effective.phase_earliest") is None


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
    record = recorded_alpha_schedule(config, logged(("first", 120), ("second", stayed)))
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
    assert progress(recorded_alpha_schedule(config, None, (saved,))) == due


def test_before_a_run_the_first_phase_is_the_one_to_pass(configure: Configure) -> None:
    config = configure(network=network(conv_alpha_phases=STABLE))
    assert progress(recorded_alpha_schedule(config, None)) == (None, None, 0.5, None)
    assert progress(recorded_alpha_schedule(None, logged(("first", 9)))) == (0, "first", None, None)


def test_the_state_with_the_most_steps_is_the_latest(configure: Configure) -> None:
    latest, unknown = state(1, 9, 150, (140, "first", "second")), state(0, 1, None)
    for states in ((latest, state(0, 50, 50), unknown), (unknown, state(0, 50, 50), latest)):
        record = recorded_alpha_schedule(configure(network=network(conv_alpha_phases=STABLE)), None, states)
        assert value(record, "log.phase_transitions") == 1
        assert value(record, "log.alpha_schedule") is True
    early = recorded_alpha_schedule(
        configure(network=network(conv_alpha_phases=STABLE)), None, (unknown, state(0, 50, 50))
    )
    assert value(early, "log.alpha_schedule") is False


def test_a_phase_without_least_steps_may_end_where_it_began_after_a_hundred_losses(configure: Configure) -> None:
    config = configure(network=network(conv_alpha_phases={"first": {"min_steps": 150}, "second": {}, "third": {}}))
    moves = ((140, "first", "second"), (140, "second", "third"))
    assert value(recorded_alpha_schedule(config, None, (state(2, 9, 160, *moves),)), "gap.phase_end") == 10
    moves = ((150, "first", "second"), (150, "second", "third"))
    assert value(recorded_alpha_schedule(config, None, (state(2, 9, 160, *moves),)), "gap.phase_end") == 0


def test_an_alpha_alone_shows_a_schedule(configure: Configure) -> None:
    rows = [LogRow(step, step + 1, loss=0.1, linear_alpha=12) for step in range(9)]
    record = recorded_alpha_schedule(configure(network=network()), rows)
    assert value(record, "log.alpha_schedule") is True
    assert value(record, "log.linear_alpha") == 12


@pytest.mark.parametrize(("phases", "line"), [({"only": {"min_steps": 120}}, "min_steps"), ({"only": {}}, "enabled")])
def test_the_end_of_the_first_phase_stands_where_it_is_asked_for(
    configure: Configure, phases: dict[str, Any], line: str
) -> None:
    record = recorded_alpha_schedule(configure(network=network(conv_alpha_phases=phases)), None)
    [place] = facts_of(record)["effective.phase_earliest", "run"].places
    assert place.key is not None
    assert place.key.endswith(line)


def test_without_config_or_trainer_only_the_log_speaks(configure: Configure) -> None:
    for config, trainer in ((None, RELAXIS), (configure(network=network()), None)):
        record = recorded_alpha_schedule(config, logged(("foundation", 9)), (), trainer)
        assert value(record, "log.phase_last") == "foundation"
        assert value(record, "log.alpha_schedule") is None
