"""Experts that are untouched in a checkpoint, beside the steps they had until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from builders import facts_of, recorder, value
from run_evidence import evidence

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.gaps.weights import extract
from diagnose.facts.record import Recorder
from diagnose.facts.weights.pairs import Pair
from diagnose.trainers.declared import Config
from diagnose.weights.entries import Entries
from diagnose.weights.measurement import ExpertMeasurement, ModuleMeasurement

Configure = Callable[..., Config]


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
    return Pair(step, False, experts, (f"j_{step:09d}_high_noise.safetensors", f"j_{step:09d}_low_noise.safetensors"))


def recorded(config: Config, pairs: Sequence[Pair]) -> Recorder:
    record = recorder()
    extract(evidence(config, pairs=pairs), record)
    return record


@pytest.mark.parametrize(("first", "had"), [(5, 0), (9, 0), (10, 1), (40, 20)])
def test_a_dead_half_and_the_steps_it_had(configure: Configure, first: int, had: int) -> None:
    record = recorded(configure(), [pair(first, low=False), pair(60, low=True)])
    assert value(record, "weights.untouched", "low") == first
    assert value(record, "due.steps", "low") == had
    assert value(record, "weights.untouched", "high") == 0


def test_the_latest_dead_half_is_shown_in_its_file(configure: Configure) -> None:
    fact = facts_of(recorded(configure(), [pair(20, low=False), pair(40, low=False)]))["weights.untouched", "low"]
    assert fact.value == 40
    assert fact.places[0].file == "j_000000040_low_noise.safetensors"


def test_one_expert_alone_has_no_turns(configure: Configure) -> None:
    config = configure(model={"model_kwargs": {"train_low_noise": False}})
    record = recorded(config, [pair(20, low=True)])
    assert value(record, "due.steps", "low") is None
    assert value(record, "weights.untouched", "low") == 0
