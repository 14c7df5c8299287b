"""Which experts the config leaves out, and what that makes of the length of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder
from measured import entries, measurement, pair
from run_evidence import evidence

from diagnose.core.values import Fact, Intent
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.identity import IntentVerdict
from diagnose.facts.recorder import Recorder
from diagnose.facts.untrained_experts import extract
from diagnose.facts.weights.pairs import Pair

UNKNOWN = IntentVerdict(None, (), ())


def recorded(folder: Path, **kwargs: Any) -> dict[tuple[str, str], Fact]:
    record = with_steps()
    extract(evidence(config_of(folder, model={"model_kwargs": kwargs})), record)
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
    extract(evidence(), record)
    facts = facts_of(record)
    assert facts["experts.switched_off", "run"].value == "none"
    assert facts["run.steps_trained_of_both", "run"].value == 900
    assert not facts["experts.untrained", "run"].known


def half(step: int, expert: Expert, *, touched: bool = True) -> Pair:
    up = None if touched else entries(0.0, zeros=100)
    name = f"job_{step:09d}_{expert.value}_noise.safetensors"
    return Pair(step, final=False, experts={expert: measurement(expert, 0.005, up=up)}, files=(name,))


@pytest.mark.parametrize("missing", Expert)
def test_a_last_save_that_lacks_one_file_says_nothing_about_that_expert(tmp_path: Path, missing: Expert) -> None:
    other = next(expert for expert in Expert if expert is not missing)
    record = with_steps()
    extract(evidence(config_of(tmp_path), pairs=(pair(100, 0.005, 0.005), half(200, other))), record)
    assert facts_of(record)["experts.untrained", "run"].value == "none"


def test_an_expert_is_judged_by_its_own_latest_file(tmp_path: Path) -> None:
    record = with_steps()
    saves = (half(100, Expert.HIGH), half(100, Expert.LOW, touched=False), half(200, Expert.HIGH))
    extract(evidence(config_of(tmp_path), pairs=saves), record)
    fact = facts_of(record)["experts.untrained", "run"]
    assert (fact.value, fact.places[0].step) == ("low", 100)


def test_an_expert_without_any_file_may_have_been_saved_elsewhere() -> None:
    record = with_steps()
    extract(evidence(None, pairs=(half(100, Expert.HIGH), half(200, Expert.HIGH))), record)
    fact = facts_of(record)["experts.untrained", "run"]
    assert not fact.known
    assert fact.note.startswith("no checkpoint of the low-noise expert is here")


def test_learning_is_judged_by_the_update_and_not_by_the_magnitude(tmp_path: Path) -> None:
    small = pair(100, 0.001, 0.001)
    record = with_steps()
    extract(evidence(config_of(tmp_path), pairs=(small,)), record)
    facts = facts_of(record)
    assert facts["experts.update", "run"].value == pytest.approx(150), "update norm 1 over sqrt(4) / 3"


@pytest.mark.parametrize(
    ("intent", "needed"),
    [(Intent.MOTION, "high"), (Intent.CHARACTER, "low"), (Intent.STYLE, "low"), (None, "either")],
)
def test_the_expert_that_the_intent_hangs_on(tmp_path: Path, intent: Intent | None, needed: str) -> None:
    record = with_steps()
    extract(evidence(config_of(tmp_path), intent=intent), record)
    assert facts_of(record)["experts.needed", "run"].value == needed
    assert facts_of(record)["experts.needed", "run"].places


RATES = {f"{side}_noise_lr_bump": 1e-5 for side in ("high", "low")}


@pytest.mark.parametrize("side", ["high", "low"])
def test_an_expert_is_off_by_mistake_where_there_are_rates_for_both(tmp_path: Path, side: str) -> None:
    record = with_steps()
    train = {"optimizer": "automagic", "optimizer_params": RATES}
    config = config_of(tmp_path, model={"model_kwargs": {f"train_{side}_noise": False}}, train=train)
    extract(evidence(config), record)
    facts = {name: fact.value for (name, _), fact in facts_of(record).items()}
    assert facts["experts.off_by_mistake"] == facts["experts.switched_off"] == facts["experts.untrained"] == side
    assert facts["experts.still_off"] == facts["experts.still_untrained"] == "none"
    assert facts["config.steps_of_both"] == 1100, "it is a config for a run of both"


@pytest.mark.parametrize("params", [{}, {"high_noise_lr_bump": 1e-5}, {"lr_bump": 1e-5}])
def test_one_expert_may_be_meant(tmp_path: Path, params: dict[str, float]) -> None:
    record = with_steps()
    train = {"optimizer": "automagic", "optimizer_params": params}
    config = config_of(tmp_path, model={"model_kwargs": {"train_low_noise": False}}, train=train)
    extract(evidence(config), record)
    facts = {name: fact.value for (name, _), fact in facts_of(record).items()}
    assert facts["experts.off_by_mistake"] == "none"
    assert facts["experts.still_off"] == facts["experts.still_untrained"] == "low"
    assert facts["config.steps_of_both"] == 2200


def test_what_was_learned_is_that_of_the_expert_that_learned_more() -> None:
    saved, record = pair(100, 0.02, 0.01), recorder()
    extract(evidence(pairs=(saved,)), record)
    above = [
        m.learned_magnitude / m.untrained_magnitude
        for m in saved.experts.values()
        if m.learned_magnitude and m.untrained_magnitude
    ]
    assert max(above) > min(above)
    assert record.number("experts.learned") == pytest.approx(100 * max(above))
