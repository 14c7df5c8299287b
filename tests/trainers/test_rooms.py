"""A trainer's room is found by being there, and so is what it has: a format of log, a model, a way to tell its runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import TRAINERS, reading
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, BOTH

from diagnose import postmortem, trainers
from diagnose.core.paths import knowledge_dir
from diagnose.facts.log.series import build_series
from diagnose.rulebase.descriptions import read_descriptions
from diagnose.sources.file_reader import Role
from diagnose.sources.run_reading import read_run
from diagnose.trainers.aitoolkit.answers import AiToolkit
from diagnose.trainers.rooms import (
    config_readers,
    dataset_specs,
    hints,
    of_room,
    read_config,
    run_readers,
    trainer_models,
)
from diagnose.trainers.trainer_model import TrainerModel

Write = Callable[[str, str | bytes], Path]

TABLE_LOG = """
import re

from diagnose.core.paths import shown
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.log_readings import Abilities, LogReading
from diagnose.sources.log_rows import LogRow
from diagnose.sources.row_writer import rows_of


def read(path, *, run_dir):
    rows = []
    for line, text in enumerate(path.read_text().splitlines(), 1):
        step, loss, high, low = text.split()
        rates = {"high": float(high), "low": float(low)}
        rows.append(LogRow(int(step), line, loss=float(loss), expert="high", rates=rates))
    abilities = Abilities(per_expert_rates=True, every_step=True, exact=True, timed=False)
    file = shown(path, run_dir)
    return LogReading(file, abilities, rows_of(file, rows))


READERS = (FileReader(Role.LOG, "*.tsv", re.compile(r"[^/]+[.]tsv"), read, lambda path: path.suffix == ".tsv"),)
"""
ROWS = "".join(f"{step}\t0.1\t4e-5\t1e-5\n" for step in range(60))


@pytest.fixture
def invented(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a room with one module, a reader of tables, beside those that we have."""
    write("rooms/invented_trainer/__init__.py", "")
    write("rooms/invented_trainer/table_log.py", TABLE_LOG)
    monkeypatch.setattr(trainers, "__path__", [*trainers.__path__, str(tmp_path / "rooms")])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


@pytest.mark.usefixtures("invented")
def test_a_new_format_of_log_is_one_file(write: Write, tmp_path: Path) -> None:
    write("run/table.tsv", ROWS)
    write("run/log.txt", "Running 1 job\n# Running job: job\n")
    series = build_series(read_run(tmp_path / "run", run_readers()))
    assert series is not None
    assert (series.log.file, len(series.rows)) == ("table.tsv", 60)
    assert series.rows[7].rates == {"high": 4e-5, "low": 1e-5}
    report = postmortem(tmp_path / "run")
    assert report.lr_ratio.observed_last == pytest.approx(4)
    assert report.run.steps_trained == 60


@pytest.mark.usefixtures("invented")
def test_a_named_log_of_a_new_format_is_known_by_its_content(write: Write, tmp_path: Path) -> None:
    write("run/optimizer.pt", b"x")
    kept = write("kept.tsv", ROWS)
    assert [log.file for log in read_run(tmp_path / "run", run_readers(), log=kept).logs] == [kept.as_posix()]


@pytest.mark.usefixtures("invented")
def test_a_room_without_configs_reads_none() -> None:
    assert [reader.role for reader in config_readers()] == [Role.CONFIG]


def test_every_role_has_a_reader() -> None:
    assert {reader.role for reader in run_readers()} == set(Role)


def test_a_config_by_itself_is_read_by_the_room_that_knows_it(write: Write) -> None:
    path = write("a.yaml", "job: extension\nconfig:\n  name: a\n  process:\n  - type: sd_trainer\n")
    assert (read_config(path).file, read_config(path).job) == ("a.yaml", "a")


def test_a_pre_flight_loads_no_reader_of_runs(write: Write) -> None:
    config = write("a.yaml", "job: extension\nconfig:\n  name: a\n  process:\n  - type: sd_trainer\n")
    program = f"import sys, diagnose; diagnose.preflight({str(config)!r}); print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    readers = ("run_reading", "run_files", "metrics_log", "loss_database", "alpha_state", "checkpoint_files", "console")
    unwanted = {"sqlite3", "torch", "diagnose.sources.safetensors_header"}
    unwanted |= {name for name in loaded if name.startswith("diagnose.") and name.split(".")[-1] in readers}
    assert "diagnose.trainers.aitoolkit.config_file" in loaded
    assert not unwanted & {name for name in loaded if not name.startswith("diagnose.report")}


def test_each_described_trainer_is_there_as_its_room_models_it() -> None:
    found = trainer_models(read_descriptions(knowledge_dir()))
    assert set(found) == set(BOTH)
    assert {type(each) for each in found.values()} == {AiToolkit}
    assert {name: each.kind for name, each in found.items()} == {"ai-toolkit": "upstream", "ai-toolkit-relaxis": "fork"}
    assert [name for name, each in found.items() if each.stands_in] == ["ai-toolkit"]


KILN = TrainerModel(name="kiln", room="kiln", label="Kiln", settings={})
ALL: dict[str, TrainerModel] = {**TRAINERS, "kiln": KILN}


def test_a_room_has_the_trainers_that_say_so() -> None:
    assert set(of_room("aitoolkit", ALL)) == set(BOTH)
    assert of_room("kiln", ALL) == {"kiln": KILN}
    assert of_room("", ALL) == {}


def test_a_config_of_a_room_of_one_is_for_that_one(tmp_path: Path) -> None:
    config = replace(reading(tmp_path), room="kiln")
    assert [(sign.trainer, sign.text) for sign in hints(config, ALL)] == [("kiln", "Kiln alone takes such a config")]
    assert not list(hints(replace(config, room=""), ALL)), "nobody knows whose it is"


def test_a_room_of_several_looks_closer(tmp_path: Path) -> None:
    config = reading(tmp_path, logging={"use_ui_logger": True})
    assert [sign.trainer for sign in hints(config, ALL)] == [AI_TOOLKIT]
    assert not list(hints(reading(tmp_path), ALL))


def test_a_config_has_the_data_sets_that_its_room_finds_in_it(tmp_path: Path) -> None:
    config = reading(tmp_path, datasets=[{"folder_path": "clips"}])
    assert [(each.subject, each.folder) for each in dataset_specs(config)] == [("datasets[0]", "clips")]
    assert dataset_specs(replace(config, room="")) == (), "nobody knows whose it is"
