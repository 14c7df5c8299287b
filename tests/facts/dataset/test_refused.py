from dataclasses import replace
from pathlib import Path

from builders import CONSOLE, config_of, readings, recorder

from diagnose.core.model import Place
from diagnose.facts.dataset.refused import record_refused_clips
from diagnose.facts.record import Recorder
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd


def recorded(folder: Path, folders: list[str], *clips: str) -> Recorder:
    config = config_of(folder, datasets=[{"folder_path": each, "num_frames": 33} for each in folders])
    errors = tuple(Mention(Place("log.txt", line=9), f"Error processing video: {clip}") for clip in clips)
    console = ConsoleReading(
        LogReading("log.txt", CONSOLE, ()), (ConsoleSession("log.txt", 1, 90, SessionEnd.FINISHED),)
    )
    record = recorder()
    record_refused_clips(readings(console=replace(console, clip_errors=errors)), config, record)
    return record


def test_a_clip_that_the_trainer_left_out_is_named_once(tmp_path: Path) -> None:
    record = recorded(tmp_path, ["clips", "more"], "clips/a.mp4", "clips/a.mp4", "more\\b.mp4")
    assert record.number("dataset.damaged", "datasets[0]") == 1
    fact = record.get("dataset.damaged_files", "datasets[1]")
    assert fact is not None
    assert fact.value == "b.mp4 (the trainer could not open it)"
    assert fact.places == (Place("log.txt", line=9),)


def test_where_the_folder_was_moved_the_only_data_set_is_meant(tmp_path: Path) -> None:
    assert recorded(tmp_path, ["here"], "/there/a.mp4").number("dataset.damaged", "datasets[0]") == 1
    assert recorded(tmp_path, ["here", "there"], "/x/a.mp4").recorded == {}


def test_silence_proves_no_sound_clip(tmp_path: Path) -> None:
    assert recorded(tmp_path, ["clips"]).recorded == {}
