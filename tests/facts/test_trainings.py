"""What was trained, run by run: one training of both experts, or one expert alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import readings
from expert_config import configuring
from run_evidence import evidence
from trainer_names import RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.trainings import Training, experts_trained
from diagnose.sources.log_readings import LogRow
from diagnose.sources.readings import CheckpointFile


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
