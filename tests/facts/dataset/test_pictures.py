from __future__ import annotations

from pathlib import Path

import pytest
from builders import CONSOLE, config_of, readings, recorder
from dataset_readings import dataset, facts, item, pictures
from msgspec.structs import replace
from trainer_names import RELAXIS

from diagnose.core.values import Place
from diagnose.facts.dataset.pictures import record_refused_clips
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd
from diagnose.sources.video.frames import Unread

DAMAGED = pictures(damaged=3)
BROKEN = Unread("is no video", damage=True)
PASSED_OVER = Unread("not looked at: the time for the data set was up", damage=False)


def test_sound_clips_are_known_to_be_sound(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.mp4"), item("b.mp4")))
    assert (found["damaged"].value, found["damaged_files"].value, found["usable"].value) == (0, "none", 2)
    assert (found["static"].value, found["static_files"].value) == (0, "none")


def test_damage_is_named_with_its_kind(tmp_path: Path) -> None:
    cut = pictures(decoded=48)
    found = facts(tmp_path, dataset(item("a.mp4", DAMAGED), item("b.mp4", BROKEN), item("c.mp4", cut), item("d.mp4")))
    assert found["damaged"].value == 3
    assert (
        found["damaged_files"].value
        == "a.mp4 (3 of 81 frames damaged), b.mp4 (is no video), c.mp4 (48 of 81 frames are there)"
    )
    assert found["damaged"].places == (Place("a.mp4"), Place("b.mp4"), Place("c.mp4"))
    assert found["usable"].value == 1


@pytest.mark.parametrize(
    ("decoded", "estimated", "damaged"), [(80, False, 0), (79, False, 1), (74, True, 0), (72, True, 1), (90, False, 0)]
)
def test_a_frame_less_than_announced_or_sound_that_runs_on_is_no_damage(
    tmp_path: Path, decoded: int, estimated: bool, damaged: int
) -> None:
    clip = item("a.mp4", pictures(decoded=decoded, estimated=estimated))
    assert facts(tmp_path, dataset(clip))["damaged"].value == damaged


def test_what_was_not_looked_at_is_not_sound(tmp_path: Path) -> None:
    for unseen in (PASSED_OVER, None, pictures(whole=False)):
        clip = (
            item("b.mp4", unseen)
            if unseen
            else item("b.mp4").__class__(item("b.mp4").media, item("b.mp4").caption, None)
        )
        found = facts(tmp_path, dataset(item("a.mp4"), clip))
        assert not found["damaged"].known
        assert found["damaged"].note.startswith("files not looked at to their end: 1; provide")


def test_damage_that_was_seen_counts_though_more_was_not_looked_at(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.mp4", BROKEN), item("b.mp4", PASSED_OVER)))
    assert (found["damaged"].value, found["damaged"].note) == (1, "at least; files not looked at to their end: 1")


def test_a_listing_that_was_cut_proves_nothing(tmp_path: Path) -> None:
    assert not facts(tmp_path, dataset(item("a.mp4"), complete=False))["damaged"].known


def test_the_stillest_clips_come_first(tmp_path: Path) -> None:
    clips = dataset(
        item("a.mp4", pictures(movement=4.9)),
        item("b.mp4", pictures(movement=1.0)),
        item("c.mp4"),
        item("d.mp4", DAMAGED),
    )
    found = facts(tmp_path, clips)
    assert (found["static"].value, found["static_files"].value) == (2, "b.mp4, a.mp4")
    assert found["static_share"].value == 2 / 3, "a damaged clip is not judged"
    assert found["static_share"].places == (Place("b.mp4"),)


def test_a_clip_that_was_looked_at_in_part_is_not_called_still(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.mp4", pictures(movement=0.0, whole=False)), item("b.mp4")))
    assert not found["static"].known
    assert found["speed_off"].value == 1, "of the clips that were seen whole"


def test_a_clip_at_the_threshold_moves(tmp_path: Path) -> None:
    assert facts(tmp_path, dataset(item("a.mp4", pictures(movement=5.0))))["static"].value == 0


def test_frames_repeat_in_a_moving_clip_only(tmp_path: Path) -> None:
    clips = dataset(item("a.mp4", pictures(movement=0.0, identical=1.0)), item("b.mp4", pictures(identical=0.4)))
    found = facts(tmp_path, clips)
    assert (found["repeated_frames"].value, found["repeated_clip"].value) == (40, "b.mp4")


def test_only_some_files_are_named(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(*(item(f"{'long' * 30}{index}.mp4", BROKEN) for index in range(8))))
    assert str(found["damaged_files"].value).endswith(" and 3 more")
    assert len(str(found["damaged_files"].value)) < 500


def test_single_frames_have_no_motion(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.png"), item("b.mp4", BROKEN)), RELAXIS, num_frames=1)
    assert (found["files"].value, found["damaged"].value, found["static"].value) == (1, 0, 0)


def recorded(folder: Path, folders: list[str], *clips: str) -> Recorder:
    config = config_of(folder, datasets=[{"folder_path": each, "num_frames": 33} for each in folders])
    errors = tuple(Mention(Place("log.txt", line=9), clip) for clip in clips)
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


def test_clips_beyond_those_named_are_counted(tmp_path: Path) -> None:
    fact = recorded(tmp_path, ["clips"], *(f"clips/{name}.mp4" for name in "abcdefg")).get(
        "dataset.damaged_files", "datasets[0]"
    )
    assert fact is not None
    assert str(fact.value).endswith("e.mp4 (the trainer could not open it) and 2 more")


def test_where_the_folder_was_moved_the_only_data_set_is_meant(tmp_path: Path) -> None:
    assert recorded(tmp_path, ["here"], "/there/a.mp4").number("dataset.damaged", "datasets[0]") == 1
    assert recorded(tmp_path, ["here", "there"], "/x/a.mp4").recorded == {}


def test_silence_proves_no_sound_clip(tmp_path: Path) -> None:
    assert recorded(tmp_path, ["clips"]).recorded == {}


def test_the_clip_that_repeats_most_is_told(tmp_path: Path) -> None:
    clips = dataset(item("a.mp4", pictures(identical=0.2)), item("b.mp4", pictures(identical=0.5)))
    found = facts(tmp_path, clips)
    assert (found["repeated_frames"].value, found["repeated_clip"].value) == (50, "b.mp4")
