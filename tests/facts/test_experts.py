"""Which experts the config leaves out, and what that makes of the length of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder

from diagnose.facts.experts import record_experts
from diagnose.facts.intent import IntentVerdict
from diagnose.facts.record import Recorder
from diagnose.model import Fact, Intent

UNKNOWN = IntentVerdict(None, (), ())


def recorded(folder: Path, **kwargs: Any) -> dict[tuple[str, str], Fact]:
    record = with_steps()
    record_experts(config_of(folder, model={"model_kwargs": kwargs}), (), record, UNKNOWN)
    return facts_of(record)


def with_steps() -> Recorder:
    record = recorder()
    record.known("config.steps", 1100)
    record.known("run.steps_trained", 900)
    return record


@pytest.mark.parametrize(
    ("kwargs", "left_out", "steps", "trained"),
    [
        ({}, "none", 1100, 900),
        ({"train_low_noise": False}, "low", 2200, 1800),
        ({"train_high_noise": False}, "high", 2200, 1800),
        ({"train_high_noise": False, "train_low_noise": False}, "both", 1100, 900),
    ],
    ids=["none", "low", "high", "both"],
)
def test_steps_of_one_expert_alone_count_twice(
    tmp_path: Path, kwargs: dict[str, bool], left_out: str, steps: int, trained: int
) -> None:
    facts = recorded(tmp_path, **kwargs)
    assert facts["experts.switched_off", "run"].value == left_out
    assert facts["config.steps_of_both", "run"].value == steps
    assert facts["run.steps_trained_of_both", "run"].value == trained
    assert ("counted twice" in facts["config.steps_of_both", "run"].note) is (steps == 2200)


def test_without_a_config_nothing_is_left_out() -> None:
    record = with_steps()
    record_experts(None, (), record, UNKNOWN)
    facts = facts_of(record)
    assert facts["experts.switched_off", "run"].value == "none"
    assert facts["run.steps_trained_of_both", "run"].value == 900
    assert not facts["experts.untrained", "run"].known


@pytest.mark.parametrize(
    ("intent", "needed"),
    [(Intent.MOTION, "high"), (Intent.CHARACTER, "low"), (Intent.STYLE, "low"), (None, "either")],
)
def test_the_expert_that_the_intent_hangs_on(tmp_path: Path, intent: Intent | None, needed: str) -> None:
    record = with_steps()
    record_experts(config_of(tmp_path), (), record, IntentVerdict(intent, (), ()))
    assert facts_of(record)["experts.needed", "run"].value == needed
    assert facts_of(record)["experts.needed", "run"].places
