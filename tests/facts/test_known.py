"""What is handed on of a run: facts by name and subject, and the evidence behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import readings
from expert_config import configuring
from run_evidence import evidence
from trainer_names import RELAXIS

from diagnose.core.values import Fact, Quality, Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.known import Known, Training, experts_trained
from diagnose.facts.weights.evolution import Evolution
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import CheckpointFile


def known(*facts: Fact) -> Known:
    return Known(facts, evidence(), Evolution(None, (), (), None), ())


def test_a_fact_is_found_by_name_and_subject_where_its_value_is_known() -> None:
    high, low = (Fact("log.lr_last", expert, 1e-4) for expert in ("high", "low"))
    found = known(high, low, Fact("lr.ratio", "run", None, quality=Quality.UNKNOWN))
    assert found.value("log.lr_last", "low") is low
    assert found.value("lr.ratio") is None
    assert found.value("log.lr_last") is None
    assert found.by_key["lr.ratio", "run"].quality is Quality.UNKNOWN


@pytest.mark.parametrize(
    ("value", "number", "count", "truth"),
    [(3, 3.0, 3, None), (3.9, 3.9, 3, None), ("three", None, None, None), (True, 1, 1, True)],
)
def test_a_fact_is_of_the_kind_that_is_asked_for_or_nothing(
    value: Scalar, number: float | None, count: int | None, truth: bool | None
) -> None:
    found, name = known(Fact("run.steps_trained", "run", value)), "run.steps_trained"
    assert (found.number(name), found.count(name), found.truth(name)) == (number, count, truth)
    assert found.text(name) == str(value)
    assert [read("nobody.knows") for read in (found.number, found.count, found.truth, found.text)] == [None] * 4


def test_the_config_is_that_of_the_evidence() -> None:
    found = known()
    assert found.config is found.evidence.config


@pytest.mark.parametrize(
    ("kwargs", "experts"),
    [({}, ("high", "low")), ({"train_low_noise": False}, ("high",)), ({"train_high_noise": False}, ("low",))],
)
def test_the_config_says_which_experts_are_trained(
    tmp_path: Path, kwargs: dict[str, bool], experts: tuple[str, ...]
) -> None:
    config = configuring(tmp_path)(model={"model_kwargs": kwargs})
    assert experts_trained(evidence(config)) == experts


def test_a_model_of_another_kind_has_no_experts(tmp_path: Path) -> None:
    assert experts_trained(evidence(configuring(tmp_path)(model={"arch": "flux"}))) == ()


def saved(*experts: str) -> CheckpointFile:
    return CheckpointFile("job.safetensors", Path("job.safetensors"), experts, 100, False, 1, 1, "0", ())


def test_without_a_config_checkpoints_and_log_tell() -> None:
    assert experts_trained(evidence(read=readings(checkpoints=[saved("low")]))) == ("low",)
    log = readings(metrics=[LogRow(0, 1, expert=Expert.HIGH.value, loss=0.1)], checkpoints=[saved("low")])
    assert experts_trained(evidence(read=log)) == ("high", "low")
    assert experts_trained(evidence(read=readings())) == ()


@pytest.mark.parametrize(("experts", "subject"), [(("low",), "low"), (("high", "low"), "run"), ((), "run")])
def test_one_of_several_trainings_is_named_by_its_expert(experts: tuple[str, ...], subject: str) -> None:
    assert Training(experts, RELAXIS, "run", 10, 20, "finished").subject == subject
