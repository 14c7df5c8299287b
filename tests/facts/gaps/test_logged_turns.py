"""Turns by the log against turns by the settings, and rows of one expert that are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from builders import alternating, facts_of, readings, recorder, value
from hypothesis import given
from hypothesis import strategies as st
from run_evidence import evidence

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.gaps.logged_turns import extract
from diagnose.facts.recorder import Recorder
from diagnose.facts.weights.pairs import Pair
from diagnose.sources.log_readings import ExpertSource, LogRow
from diagnose.trainers.declared import Config
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.modules import Entries, ModuleMeasurement

Configure = Callable[..., Config]


def row(step: int, expert: Expert, source: ExpertSource = ExpertSource.LOGGED) -> LogRow:
    return LogRow(step, step + 1, loss=0.1, expert=expert, expert_source=source)


def recorded(config: Config, rows: Sequence[LogRow]) -> Recorder:
    record = recorder()
    extract(evidence(config, readings(metrics=rows)), record)
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
    extract(evidence(config, pairs=pairs), record)
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
