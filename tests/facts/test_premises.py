"""What a run is read by: the trainer, the intent, the model."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from builders import TARGETS, TRAINERS, config_of, facts_of, model, readings, recorder, value
from msgspec.structs import replace
from run_evidence import YARDSTICK
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Intent, Place
from diagnose.facts.premises import Asked, Era, read_era, record_premises, record_version, trainer_then
from diagnose.facts.recorder import NONE
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import CheckpointFile, SampleFile
from diagnose.trainers.trainer_model import VersionChange

NOWHERE = Era(None, None, None, None)


def era(version: str | None = None, last_day: date | None = None) -> Era:
    return replace(NOWHERE, version=version, last_day=last_day, version_place=Place("a") if version else None)


def change(trainer: str, name: str) -> VersionChange:
    return next(each for each in model(trainer).versions if each.id == name)


def checkpoint(version: str | None, file: str = "a.safetensors") -> CheckpointFile:
    return CheckpointFile(file, Path(file), ("high",), 1, False, 1, 1, "", (), software_version=version)


@pytest.mark.parametrize(
    ("version", "last_day", "has"),
    [
        ("0.7.17", None, True),
        ("0.12.26", None, True),
        ("0.7.16", None, False),
        ("0.7.4", None, False),
        (None, date(2026, 1, 12), False),
        (None, date(2026, 8, 1), None),
        (None, None, None),
        ("0.7.17", date(2025, 1, 1), True),
    ],
)
def test_a_number_decides_and_a_day_only_against(
    version: str | None, last_day: date | None, *, has: bool | None
) -> None:
    assert era(version, last_day).has(change(AI_TOOLKIT, "default-frame-rate")) is has


@pytest.mark.parametrize(("version", "has"), [("0.7.4", True), ("0.7.2", None)])
def test_the_forks_old_number_tells_nothing(version: str, *, has: bool | None) -> None:
    assert era(version).has(change(RELAXIS, "resumed-rates")) is has


def test_what_was_never_released_is_in_no_run() -> None:
    assert era("9.9.9").has(change(RELAXIS, "whole-boundary")) is False


def test_the_oldest_checkpoint_and_the_last_row_tell_the_era() -> None:
    rows = [LogRow(step=0, line=1, time=1_761_800_000.0), LogRow(step=1, line=2, time=1_761_900_000.0)]
    found = read_era(
        replace(
            readings(metrics=rows, checkpoints=[checkpoint("0.7.4"), checkpoint("0.7.2", "b"), checkpoint("weird")]),
            samples=(SampleFile("samples/a.webp", 0, 0, 1_761_700_000_000),),
        )
    )
    assert (found.version, found.last_day) == ("0.7.2", date(2025, 10, 31))
    assert found.version_place is not None
    assert found.version_place.file == "b"
    assert found.day_place == Place("metrics_job.jsonl", line=2, step=1)
    assert read_era(readings()) == NOWHERE


@pytest.mark.parametrize("time", [1e308, 1e17, 253402300800.0, -1.0])
def test_a_time_that_no_calendar_has_tells_nothing(time: float) -> None:
    run = readings(metrics=[LogRow(step=1, line=1, time=time)])
    assert read_era(replace(run, samples=(SampleFile("a.jpg", 1, 0, 9_999_999_999_999_999),))) == NOWHERE


def test_an_older_trainer_had_other_defaults() -> None:
    upstream = model(AI_TOOLKIT)
    old = trainer_then(upstream, era("0.7.10"))
    assert (old.defaults["datasets[].fps"], upstream.defaults["datasets[].fps"]) == (16, 24)
    assert old.drops_captions_when_cached is True
    assert old.defaults["train.steps"] == upstream.defaults["train.steps"]
    assert trainer_then(upstream, NOWHERE) == upstream
    fork = trainer_then(model(RELAXIS), era(last_day=date(2025, 10, 1)))
    assert fork.boundary.i2v == 0.875


def faults(found: Era, trainer: str = RELAXIS) -> dict[tuple[str, str], Any]:
    record = recorder()
    record_version(model(trainer), found, record)
    return {key: fact.value for key, fact in facts_of(record).items() if key[0].startswith("trainer.old")}


def test_faults_of_an_old_version_are_known_unknown_or_none() -> None:
    old = faults(era(last_day=date(2025, 10, 29)))
    assert "rates" in old["trainer.old_fault_on_resume", "resumed-rates"]
    assert old["trainer.old_fault", "windows-per-expert"]
    assert faults(era("0.7.4")) == {
        ("trainer.old_fault", NONE): NONE,
        ("trainer.old_fault_on_resume", NONE): NONE,
    }
    assert set(faults(era("0.7.2")).values()) == {None}
    between = faults(era(last_day=date(2025, 11, 1)))
    assert between["trainer.old_fault_on_resume", "resumed-labels"]
    assert between["trainer.old_fault_on_resume", "resumed-rates"] is None


def asked(**said: object) -> Asked:
    return Asked(TARGETS, YARDSTICK, **said)  # type: ignore[arg-type]


def test_what_the_user_says_is_taken_and_its_place_named(tmp_path: Path) -> None:
    read = readings(config=config_of(tmp_path, train={"steps": 100}).reading)
    record, at = recorder(), Place("diagnose.yaml", 2, "trainer")
    found = record_premises(
        read, TRAINERS, asked(trainer=RELAXIS, intent=Intent.STYLE, said_at={"trainer": at}), record
    )
    assert found.model is not None
    assert (found.model.name, found.intent.intent) == (RELAXIS, Intent.STYLE)
    assert value(record, "run.trainer") == RELAXIS
    assert "diagnose.yaml:2" in next(fact.note for fact in record.facts() if fact.name == "run.trainer")


def test_an_unknown_trainer_leaves_the_candidates_and_one_that_stands_in(tmp_path: Path) -> None:
    record = recorder()
    found = record_premises(
        readings(config=config_of(tmp_path, train={"steps": 100}).reading), TRAINERS, asked(), record
    )
    assert found.model is None
    assert value(record, "run.trainer") is None
    assert {each.name for each in found.candidates} == {AI_TOOLKIT, RELAXIS}
    assert found.config is not None
    assert found.config.model.stands_in


@pytest.mark.parametrize(("arch", "another"), [("wan22_14b_i2v", False), ("flux", True), (None, False)])
def test_only_a_model_that_is_named_can_be_known_to_be_another(
    tmp_path: Path, arch: str | None, *, another: bool
) -> None:
    model = {"arch": arch} if arch is not None else {}
    record = recorder()
    record_premises(readings(config=config_of(tmp_path, model=model).reading), TRAINERS, asked(), record)
    assert value(record, "run.another_model") is another
