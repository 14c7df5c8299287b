from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.core.resources import knowledge_dir

FaultsOf = Callable[[str, str, str], list[str]]

NO_PATH = "not a config path; write it like train.steps or datasets[0].fps"
FAULTS = [
    ("train..steps", NO_PATH),
    ("train.", NO_PATH),
    ("train[steps]", NO_PATH),
    ("train.datasets[0]", "that is an item of a list; name a key in it"),
    ("config.process[0].train.steps", "a path begins within the process entry; write it like train.steps"),
    ("train.stpes", "no trainer of this rule reads stpes in train; did you mean steps?"),
    ("trian.steps", "no trainer of this rule reads trian in the process entry; did you mean train?"),
    ("datasets[0].num_frame", "no trainer of this rule reads num_frame in datasets; did you mean num_frames?"),
    ("train", "train is a section; name a key in it"),
]
SOUND = [
    "train.steps",
    "train.optimizer_params.anything.at.all",
    "datasets[0].num_frames",
    "network.alpha_schedule.{subject}.x",
    "model.model_kwargs.train_{subject}_noise",
]


@pytest.fixture
def with_trainers(base: Path) -> None:
    """Give the small rule base the trainers of ours."""
    shutil.copytree(knowledge_dir() / "trainers", base / "knowledge" / "trainers")


@pytest.mark.usefixtures("with_trainers")
@pytest.mark.parametrize(("path", "expected"), FAULTS, ids=[path for path, _ in FAULTS])
def test_a_change_writes_a_key_that_a_trainer_reads(
    change: Callable[[str, str, str], None], faults_of: FaultsOf, path: str, expected: str
) -> None:
    change("symptom", "path: train.bump", "path: train.lr")
    assert faults_of("remedy", "path: train.steps", f'path: "{path}"') == [f"remedy:14: changes[0].path: {expected}"]


@pytest.mark.usefixtures("with_trainers")
@pytest.mark.parametrize("path", SOUND)
def test_what_the_trainer_models_cannot_tell_is_let_pass(
    change: Callable[[str, str, str], None], faults_of: FaultsOf, path: str
) -> None:
    change("symptom", "path: train.bump", "path: train.lr")
    assert faults_of("remedy", "path: train.steps", f'path: "{path}"') == []


@pytest.mark.usefixtures("with_trainers")
def test_only_what_is_removed_may_be_another_trainers_key(
    change: Callable[[str, str, str], None], faults_of: FaultsOf
) -> None:
    change("symptom", "path: train.bump", "path: train.lr")
    change("remedy", "trainers: any", "trainers: [ai-toolkit-relaxis]")
    theirs = "datasets[0].auto_frame_count"
    text = "no trainer of this rule reads auto_frame_count in datasets"
    assert faults_of("remedy", "path: train.steps", f'path: "{theirs}"') == [f"remedy:14: changes[0].path: {text}"]
    assert faults_of("remedy", "op: set, value: $lr_ratio_min", "op: remove") == []


def test_a_rule_about_the_run_has_no_subject_to_write_to(faults_of: FaultsOf) -> None:
    [fault] = faults_of("symptom", "path: train.bump", 'path: "{subject}.x"')
    assert (
        fault
        == "symptom:31: changes[0].path: the rule is about the run, so {subject} leads nowhere; write the path out"
    )


def test_advice_has_no_path(faults_of: FaultsOf) -> None:
    advice = "{path: train.steps, op: advise, because: enough, applicability: manual}"
    old = "{path: train.steps, op: set, value: $lr_ratio_min, because: enough, applicability: safe}"
    [fault] = faults_of("remedy", old, advice)
    assert fault == "remedy:14: changes[0].path: advice edits no key; leave the path out, or choose another op"


def test_without_trainers_any_key_passes(faults_of: FaultsOf) -> None:
    assert faults_of("remedy", "path: train.steps", "path: train.stpes") == []
