"""What the trainer found, by data set, and how many files of the folder it left out."""

from __future__ import annotations

from pathlib import Path

from builders import CONSOLE, config_of, facts_of, readings, recorder
from dataset_readings import I2V, dataset, item
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import RELAXIS

from diagnose.core.values import Fact, Place
from diagnose.facts.dataset.datasets import record_datasets
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, FoundFiles, LogReading, SessionEnd
from diagnose.sources.log_rows import NO_ROWS
from diagnose.sources.readings import RunReadings


def found(folder: str, files: int, buckets: int | None = None, line: int = 7) -> FoundFiles:
    return FoundFiles(folder, files, True, Place("log.txt", line=line), buckets)


def told(*starts: tuple[FoundFiles, ...]) -> RunReadings:
    sessions = tuple(ConsoleSession("log.txt", 1, 9, SessionEnd.CUT_OFF, found=each) for each in starts)
    return replace(readings(), console=ConsoleReading(LogReading("log.txt", CONSOLE, NO_ROWS), sessions))


def facts(tmp_path: Path, read: RunReadings, *folders: str) -> dict[tuple[str, str], Fact]:
    entries = [{"folder_path": folder, "num_frames": 81, "resolution": [640]} for folder in folders]
    config, record = config_of(tmp_path, RELAXIS, datasets=entries, model=I2V), recorder()
    record_datasets(evidence(config, read, trainer=RELAXIS), config, record)
    return {key: fact for key, fact in facts_of(record).items() if fact.known and key[0].startswith("found.")}


def test_each_data_set_has_what_was_found_in_its_folder(tmp_path: Path) -> None:
    read = told((found("/w/b", 4, 1), found("C:\\w\\a\\", 12, 3, line=9)))
    own = facts(tmp_path, read, "C:/w/a", "/w/b/")
    assert {key: fact.value for key, fact in own.items()} == {
        ("found.files", "datasets[0]"): 12,
        ("found.buckets", "datasets[0]"): 3,
        ("found.files", "datasets[1]"): 4,
        ("found.buckets", "datasets[1]"): 1,
    }
    assert own["found.files", "datasets[0]"].places == (Place("log.txt", line=9),)


def test_the_last_start_that_lists_them_counts_and_each_resolution_once(tmp_path: Path) -> None:
    read = told((found("/w/a", 4),), (found("/w/a", 5), found("/w/a", 5)), ())
    assert [fact.value for fact in facts(tmp_path, read, "/w/a").values()] == [5]


def test_a_folder_of_another_name_is_that_of_the_only_data_set(tmp_path: Path) -> None:
    assert len(facts(tmp_path, told((found("/pod/x", 4),)), "/w/a")) == 1
    assert not facts(tmp_path, told((found("/pod/x", 4),)), "/w/a", "/w/b")


def test_files_that_the_folder_holds_and_the_trainer_did_not_find_are_counted(tmp_path: Path) -> None:
    for files, missing in ((1, 1), (2, 0), (3, 0)):
        read = replace(told((found("/w/clips", files),)), datasets=(dataset(item("a.mp4"), item("b.mp4")),))
        assert facts(tmp_path, read, "/w/clips")["found.left_out", "datasets[0]"].value == missing


def test_without_a_word_nothing_is_known(tmp_path: Path) -> None:
    assert not facts(tmp_path, told(()), "/w/a")
    assert not facts(tmp_path, readings(), "/w/a")
