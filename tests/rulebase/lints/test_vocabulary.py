from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sound_base import Change, FaultsOf

from diagnose.core.paths import knowledge_dir
from diagnose.rulebase.reading.load import Reading

FAULTS = [
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, is: 3}",
     "19: applies[0].is: weights.kind is text; 3 is a number"),
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, in: [lora, true]}",
     "19: applies[0].in: weights.kind is text; true is true or false"),
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, lt: lora}",
     "19: applies[0].lt: lt compares numbers; weights.kind is text"),
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, of: high, is: lora}",
     "19: applies[0].of: weights.kind is a fact of the run, not of high"),
    ("symptom", "of: magnitude_high, lt: $far_too_small", "of: magnitude_high, lt: $far_too_small, as: x",
     "10: grades[0].as: unknown key; did you mean"),
    ("symptom", "{fact: run.steps, ge: 2000}", "{fact: run.steps, ge: '2000'}",
     "25: when[2].any[1].ge: run.steps is a number; '2000' is text"),
    ("symptom", "{ref: magnitude_high, times: 0.5}", "{ref: kind}",
     "22: when[1].gt: weights.magnitude is a number; weights.kind is text"),
    ("symptom", "- {fact: run.paused, is: true}",
     "- {fact: run.paused, is: true}\n  - {fact: weights.kind, is: {ref: kind, times: 2}}",
     "28: unless[1].is: times is for numbers; weights.kind is text"),
    ("cause", "of: each, gt: 0.001", "of: highest, gt: 0.001",
     "16: when[1].of: weights.magnitude is a fact of an expert (high, low or each), not of highest"),
    ("cause", "of: each, gt: 0.001", "gt: 0.001",
     "16: when[1].of: weights.magnitude is a fact of an expert (high, low or each), not of the run"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: config.weighting, of: each}\n",
     "14: when: `each` means one kind of subject in a rule, here expert and key"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: config.weighting}\n",
     "17: when[2].of: config.weighting is a fact of a key (each, or one's name), not of the run"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: run.length}\n",
     "17: when[2].fact: run.length is not declared in facts.yaml"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: run.step}\n",
     "17: when[2].fact: run.step is not declared in facts.yaml; did you mean run.steps?"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: symptom.high_nois_too_weak}\n",
     "17: when[2].fact: no rule derives symptom.high_nois_too_weak; did you mean symptom.high_noise_too_weak?"),
    ("cause", "fact: symptom.high_noise_too_weak}", "fact: symptom.high_noise_too_weak, of: high}",
     "15: when[0].of: symptom.high_noise_too_weak is a fact of the run, not of high"),
    ("remedy", "out_of_balance, of: each, is: true", "out_of_balance, is: true",
     "12: when[0].of: cause.out_of_balance is a fact of an expert (high, low or each), not of the run"),
    ("remedy", "out_of_balance, of: each, is: true", "out_of_balance, of: each, is: 1",
     "12: when[0].is: cause.out_of_balance is true or false; 1 is a number"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "expected"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_condition_names_and_compares_what_it_can(
    faults_of: FaultsOf, part: str, old: str, new: str, expected: str
) -> None:
    assert any(fault.startswith(f"{part}:{expected}") for fault in faults_of(part, old, new))


def test_a_grade_is_compared_with_its_facts_type(faults_of: FaultsOf) -> None:
    new = "lt: $far_too_small}\n  - {severity: minor, of: kind, gt: 1}"
    expected = "symptom:11: grades[1].gt: gt compares numbers; weights.kind is text"
    assert faults_of("symptom", "lt: $far_too_small}", new) == [expected]


def test_a_conclusion_is_not_missed_while_a_rule_file_is_unreadable(change: Change, faults_of: FaultsOf) -> None:
    change("symptom", "status: test", "status: tested")
    found = faults_of("cause", "confidence: low", "confidence: lowest")
    assert [fault.split(":")[0] for fault in found] == ["cause", "symptom"]


OF_SETTINGS = [
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
@pytest.mark.parametrize(("name", "expected"), OF_SETTINGS, ids=[name for name, _ in OF_SETTINGS])
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
