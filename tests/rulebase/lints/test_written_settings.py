from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.reading.load import Reading

FaultsOf = Callable[[str, str, str], list[str]]
Change = Callable[[str, str, str], None]

FAULTS = [
    ("stpes", "stpes is not declared in settings.yaml; did you mean steps?"),
    ("train.steps", "train.steps is not declared in settings.yaml"),
    ("training", "training is a section; name a setting in it"),
    ("clips", "clips is a list; name a setting in it"),
    ("clip.frames", "clip.frames is a setting of an entry of clips; say under entry which"),
    ("boundary", "no trainer of this rule has a key for boundary"),
]


@pytest.fixture
def with_settings(base: Path, change: Change) -> None:
    """Give the small rule base our settings and our trainers; none of them has a key for the boundary."""
    shutil.copytree(knowledge_dir() / "trainers", base / "knowledge" / "trainers")
    shutil.copy(knowledge_dir() / "settings.yaml", base / "knowledge")
    shared = base / "knowledge" / "trainers" / "shared" / "aitoolkit.yaml"
    shared.write_text(shared.read_text().replace("  boundary: model.boundary_ratio\n", "  boundary: null\n"))
    change("symptom", "setting: bump, op: set, recipe: bump", "setting: rate.bump, op: set, recipe: rate.bump")
    for value in ("2.0e-5", "1.5e-5"):
        change("recipes", f"bump: {value}", f"rate.bump: {value}")


@pytest.mark.usefixtures("with_settings")
@pytest.mark.parametrize(("name", "expected"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_change_writes_a_setting_that_a_trainer_has(faults_of: FaultsOf, name: str, expected: str) -> None:
    found = faults_of("remedy", "setting: steps", f"setting: {name}")
    assert [fault.partition("; did")[0] for fault in found] == [
        f"remedy:14: changes[0].setting: {expected}".partition("; did")[0]
    ]


@pytest.mark.usefixtures("with_settings")
@pytest.mark.parametrize("written", ["steps", 'clip.frames, entry: "datasets[0]"', "rate.max.high"])
def test_a_setting_that_is_declared_and_has_a_key_is_sound(faults_of: FaultsOf, written: str) -> None:
    assert faults_of("remedy", "setting: steps", f"setting: {written}") == []


@pytest.mark.usefixtures("with_settings")
def test_only_what_is_removed_may_be_another_trainers(change: Change, faults_of: FaultsOf) -> None:
    change("remedy", "trainers: any", "trainers: [ai-toolkit-relaxis]")
    theirs = 'setting: clip.tensors_to_disk, entry: "datasets[0]"'
    text = "no trainer of this rule has a key for clip.tensors_to_disk"
    assert faults_of("remedy", "setting: steps", theirs) == [f"remedy:14: changes[0].setting: {text}"]
    assert faults_of("remedy", "op: set, value: $lr_ratio_min", "op: remove") == []


@pytest.mark.usefixtures("with_settings")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{key:stpes} is small", "stpes is not declared in settings.yaml"),
        ("{key:clip.frames} is small", "clip.frames is a setting of an entry, so it has no key of its own"),
        ("{key:steps} is small", ""),
    ],
)
def test_a_text_names_the_key_of_a_declared_setting(faults_of: FaultsOf, text: str, complaint: str) -> None:
    found = faults_of("remedy", "because: enough", f'because: "{text}"')
    assert [complaint in fault for fault in found] == ([True] if complaint else [])


def test_a_rule_about_the_run_has_no_subject_to_write_to(faults_of: FaultsOf) -> None:
    text = "the rule is about the run, so {subject} leads nowhere; name the setting"
    found = faults_of("symptom", "setting: bump", 'setting: "{subject}"')
    assert found == [f"symptom:31: changes[0].setting: {text}"]


def test_advice_has_no_setting(faults_of: FaultsOf) -> None:
    advice = "{setting: steps, op: advise, because: enough, applicability: manual}"
    old = "{setting: steps, op: set, value: $lr_ratio_min, because: enough, applicability: safe}"
    [fault] = faults_of("remedy", old, advice)
    assert fault == "remedy:14: changes[0].setting: advice writes no setting; leave it out, or choose another op"


def test_without_declared_settings_any_name_passes(faults_of: FaultsOf) -> None:
    assert faults_of("remedy", "setting: steps", "setting: stpes") == []


@pytest.mark.usefixtures("with_settings")
def test_a_trainer_has_keys_for_declared_settings_only(base: Path, read: Callable[[], Reading]) -> None:
    settings = base / "knowledge" / "settings.yaml"
    settings.write_text(settings.read_text().replace("\nsave_dtype:", "\nsave_type:"))
    [fault] = read().faults
    lines = Path(fault.file).read_text(encoding="utf-8").splitlines()
    assert lines[fault.line - 1].strip().startswith("save_dtype:")
    assert fault.text == "settings.save_dtype: not declared in settings.yaml; did you mean save_type?"
