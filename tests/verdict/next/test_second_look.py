"""The next config judged as any other: what it would still be asked for comes at once, and each config is read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import config_of
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Settings, next_config, preflight
from diagnose.api import understand
from diagnose.core.values import Intent, Severity
from diagnose.facts.known import Known
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.trainers.declared import Config
from diagnose.verdict.consult import Consultation
from diagnose.verdict.judge import judge
from diagnose.verdict.judgement import Change, Finding
from diagnose.verdict.next.second_look import Ahead, composed, look_again, still_at_fault, without_settled_advice

FORK = Settings(intent=Intent.MOTION, trainer=RELAXIS)
TRAIN = {"optimizer": "automagic", "lr": 1e-5, "steps": 6000, "noise_scheduler": "flowmatch"}
WAN = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}


def held(folder: Path, chosen: Settings = FORK, **train: Any) -> Consultation:
    process = {"type": "sd_trainer", "train": {**TRAIN, **train}, "model": WAN}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [process]}}))
    return understand(path, chosen)


def counted(first: Consultation) -> tuple[list[Config], Callable[[Config], Known]]:
    """Facts of a next config as of this one, and the list of configs that were asked about."""
    asked: list[Config] = []

    def facts_of(config: Config) -> Known:
        asked.append(config)
        return first.known

    return asked, facts_of


def change(path: str, new: object, op: ChangeOp = ChangeOp.SET, *rules: str) -> Change:
    return Change(path, op, None, new, "so", (), Applicability.SAFE, rules)  # type: ignore[arg-type]


def ahead(first: Consultation) -> tuple[Ahead, list[Config]]:
    asked, facts_of = counted(first)
    assert first.known.config is not None
    return Ahead(first, first.known.config, "recommended", facts_of), asked


def preflight_readings(first: Consultation) -> Any:
    return first.known.evidence.readings


def test_a_config_is_consulted_on_once(tmp_path: Path) -> None:
    looks, asked = ahead(held(tmp_path))
    one = looks.consult((change("train.steps", 2200),))
    assert looks.consult((change("train.steps", 2200), change("", None, ChangeOp.ADVISE))) is one
    assert [config.number("steps").value for config in asked] == [2200]  # type: ignore[union-attr]
    for value in (1, True, 1.0, "1"):
        looks.consult((change("train.steps", value),))
    assert len(asked) == 5


def test_a_config_that_does_not_change_was_consulted_on_already(tmp_path: Path) -> None:
    first = held(tmp_path)
    looks, asked = ahead(first)
    assert looks.consult(()) is first
    assert not asked
    looks, asked = ahead(replace(first, before_a_run=False))
    assert looks.consult(()) is not first
    assert len(asked) == 1


def test_what_a_change_brings_into_play_is_changed_with_it(tmp_path: Path) -> None:
    """A null that goes gives way to a default that another rule objects to."""
    chosen = Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT)
    held(tmp_path, chosen, optimizer="adamw8bit", lr=1e-4, steps=None)
    report = next_config(tmp_path / "config.yaml", chosen)
    assert report.next.config is not None
    (tmp_path / "next.yaml").write_text(report.next.config)
    again = preflight(tmp_path / "next.yaml", chosen)
    assert again.next.diff is None
    assert [each.name for each in report.next.standing] == [
        each.name for each in again.findings if each.severity.rank < Severity.INFO.rank
    ]


def test_the_later_word_counts(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 3000, "lr": 1e-4})
    first = (change("train.steps", 2200), change("train.lr", 1e-5))
    found = composed(first, (replace(change("train.steps", 1800), old=2200),), config)
    assert [(each.path, each.old, each.new) for each in found] == [
        ("train.lr", None, 1e-5),
        ("train.steps", 3000, 1800),
    ]


def test_faults_of_two_configs_are_told_once_and_worst_first(tmp_path: Path) -> None:
    findings = held(tmp_path).findings()
    plain: Finding = findings[0]
    major, blocker = (replace(plain, name=name, severity=Severity(name)) for name in ("major", "blocker"))
    note = replace(plain, name="note", severity=Severity.INFO)
    other = replace(major, subject="elsewhere")
    found = still_at_fault([[major, note], [blocker, major, other]])
    assert [(each.name, each.severity) for each in found] == [
        ("blocker", Severity.BLOCKER),
        ("major", Severity.MAJOR),
        ("major", Severity.MAJOR),
    ]


def test_advice_goes_where_its_rule_is_silent_on_every_next_config(tmp_path: Path) -> None:
    first = held(tmp_path)
    report = judge(first, preflight_readings(first), strategy="recommended", version="")
    rules = {rule.name: rule.id for rule in first.grounds.rules.values()}
    gone, kept = list(rules)[:2]
    advice = [change("", None, ChangeOp.ADVISE, *names) for names in ((gone,), (gone, kept), (kept,))]
    edit = change("train.steps", 1, ChangeOp.SET, gone)
    report = replace(report, next=replace(report.next, changes=(*advice, edit)), findings=())
    quiet = replace(first.inference, silent=((rules[gone], "run"),))
    loud = replace(first.inference, silent=())

    def left(*inferences: Any) -> list[tuple[str, ...]]:
        looks = [
            replace(first, grounds=type(first.grounds)(first.grounds.rules.values(), (), each)) for each in inferences
        ]
        return [each.rules for each in without_settled_advice(report, looks).next.changes]

    assert left(quiet) == [(gone, kept), (kept,), (gone,)]
    assert left(quiet, quiet) == [(gone, kept), (kept,), (gone,)]
    assert left(quiet, loud) == [(gone,), (gone, kept), (kept,), (gone,)]
    assert left() == [(gone,), (gone, kept), (kept,), (gone,)]


def test_without_a_config_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    first = held(tmp_path)
    report = judge(first, preflight_readings(first), strategy="recommended", version="")
    bare = replace(
        first, known=replace(first.known, evidence=replace(first.known.evidence, premises=without_config(first)))
    )
    asked, facts_of = counted(first)
    assert look_again(report, bare, facts_of) is report
    assert not asked


def without_config(first: Consultation) -> Any:
    return replace(first.known.evidence.premises, config=None)


@pytest.mark.parametrize("split", [False, True], ids=["one", "two"])
def test_a_pre_flight_of_what_is_written_says_what_was_foreseen(split: bool, tmp_path: Path) -> None:
    chosen = Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT, split=split)
    held(tmp_path, chosen, optimizer="adamw8bit", lr=1e-4)
    report = next_config(tmp_path / "config.yaml", chosen)
    texts = [each.config for each in report.next.configs] or [str(report.next.config)]
    assert len(texts) == 1 + split
    faults: set[str] = set()
    for index, text in enumerate(texts):
        path = tmp_path / f"next{index}.yaml"
        path.write_text(text)
        found = preflight(path, replace(chosen, split=False)).findings
        faults |= {each.name for each in found if each.severity.rank < Severity.INFO.rank}
    assert {each.name for each in report.next.standing} == faults
