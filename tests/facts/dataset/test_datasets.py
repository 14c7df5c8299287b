from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import CONSOLE, config_of, readings, recorder, value
from builders import readings as run_readings
from dataset_readings import I2V, dataset, facts, item, pictures
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Fact, Place
from diagnose.facts.dataset.datasets import record_datasets, record_refused_clips
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.listing import Caption, CaptionState
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, LogReading, Mention, SessionEnd
from diagnose.sources.log_rows import NO_ROWS
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
        LogReading("log.txt", CONSOLE, NO_ROWS), (ConsoleSession("log.txt", 1, 90, SessionEnd.FINISHED),)
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


MIXED = dataset(item("a.mp4"), item("b.mp4"), item("c.png"), item("._d.mp4", hidden=True))


def test_upstream_takes_stills_beside_clips_and_the_fork_does_not(tmp_path: Path) -> None:
    upstream, fork = (facts(tmp_path, MIXED, trainer) for trainer in (AI_TOOLKIT, RELAXIS))
    assert (upstream["files"].value, upstream["stills"].value) == (3, 1)
    assert (fork["files"].value, fork["stills"].value) == (2, 0)


def test_what_lies_in_the_folder_is_said_whoever_takes_it(tmp_path: Path) -> None:
    assert facts(tmp_path, MIXED, RELAXIS)["held"].value == "3 clips and 1 still"
    assert facts(tmp_path, dataset(item("c.png"), item("d.png")), None)["held"].value == "2 stills"
    assert facts(tmp_path, dataset(), RELAXIS)["held"].value == "neither clips nor stills"


def test_an_unknown_trainer_leaves_open_what_it_decides(tmp_path: Path) -> None:
    found = facts(tmp_path, MIXED, None)
    assert not found["files"].known
    assert "--trainer" in found["stills"].note
    assert facts(tmp_path, dataset(item("a.mp4")), None)["files"].value == 1, "both take clips"


def test_a_folder_of_stills_is_nothing_to_the_fork(tmp_path: Path) -> None:
    stills = dataset(item("a.png"), item("b.png"))
    assert facts(tmp_path, stills, RELAXIS)["usable"].value == 0
    assert facts(tmp_path, stills, RELAXIS, num_frames=1)["usable"].value == 2


def test_a_folder_used_twice_counts_once(tmp_path: Path) -> None:
    entries = [{"folder_path": "x", "num_frames": 17}, {"folder_path": "x", "num_frames": 33}]
    config = config_of(tmp_path, model=I2V, datasets=entries)
    readings = [dataset(item("a.mp4")), dataset(item("a.mp4"))]
    record = recorder()
    second = type(readings[1])(
        "datasets[1]", *(getattr(readings[1], name) for name in ("folder", "how", "items", "complete", "foreign_sizes"))
    )
    read = replace(run_readings(), datasets=(readings[0], second))
    record_datasets(evidence(config, read), config, record)
    assert value(record, "dataset.clips_total") == 1


@pytest.mark.parametrize(
    ("output", "frames", "trainer", "fed"),
    [
        ("/w/clips/output", 81, AI_TOOLKIT, True),
        ("/w/clips", 81, AI_TOOLKIT, True),
        ("/w/clips/output", 81, RELAXIS, False),
        ("/w/clips/output", 1, RELAXIS, True),
        ("/w/clips/../output", 81, AI_TOOLKIT, False),
        ("/w/x/../clips/output", 81, AI_TOOLKIT, True),
        ("/w/clips2/output", 81, AI_TOOLKIT, False),
        ("/w/output", 81, None, False),
        ("/w/clips/output", 81, None, None),
    ],
)
def test_previews_among_the_training_files(
    tmp_path: Path, output: str, frames: int, trainer: str | None, fed: bool | None
) -> None:
    found = facts(tmp_path, None, trainer, top={"training_folder": output}, num_frames=frames)
    assert found["previews_fed_back"].value is fed


def numbers(*found: Fact) -> float:
    return sum(fact.value for fact in found if isinstance(fact.value, int | float))


items = st.builds(
    item,
    st.sampled_from(["a.mp4", "b.png", "c.mp4"]),
    st.sampled_from([pictures(), pictures(damaged=1), pictures(whole=False), pictures(rate=None, declared=None, decoded=1, movement=None), Unread("x", damage=True), Unread("y", damage=False)]),
    st.sampled_from([None, "spins", Caption("x.txt", CaptionState.NOT_UTF8, line=1), Caption("x.txt", CaptionState.TOO_LARGE)]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    found=st.lists(items, max_size=4),
    keys=st.fixed_dictionaries(
        {},
        optional={
            "num_frames": st.sampled_from([1, 2, 81, "x"]),
            "shrink_video_to_frames": st.booleans(),
            "auto_frame_count": st.booleans(),
            "fps": st.sampled_from([16, 0, -3, 1e9]),
            "resolution": st.sampled_from([512, [], ["x"], [512, 768]]),
        },
    ),
    trainer=st.sampled_from([AI_TOOLKIT, RELAXIS, None]),
    complete=st.booleans(),
)
def test_any_data_set_has_facts_and_no_trouble(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[Any],
    keys: dict[str, Any],
    trainer: str | None,
    complete: bool,
) -> None:
    recorded = facts(tmp_path_factory.mktemp("x"), dataset(*found, complete=complete), trainer, **keys)
    damaged, usable = recorded["damaged"], recorded.get("usable")
    if damaged.known and usable is not None:
        assert numbers(damaged, usable) == numbers(recorded["files"])


@pytest.mark.parametrize(
    ("arch", "rate"),
    [("wan22_14b", 16), ("wan22_14b_i2v", 16), ("wan21", 16), ("wan21_i2v", 16), ("wan22_5b", 24), ("flux", None)],
)
def test_every_model_plays_at_a_rate_of_its_own(tmp_path: Path, arch: str, rate: int | None) -> None:
    top = {"model": {"arch": arch, "name_or_path": "x"}}
    clips = dataset(item("a.mp4", pictures(rate=32.0, decoded=400, declared=400)))
    found = facts(tmp_path, clips, top=top, num_frames=81, shrink_video_to_frames=False, fps=32)
    told = found.get("speed_off")
    assert (told.value if told is not None else None) == (None if rate is None else pytest.approx(32 / rate))


@pytest.mark.parametrize(("frames", "fed"), [(1, True), (2, False)])
def test_previews_are_fed_back_where_stills_are_trained_on(tmp_path: Path, frames: int, fed: bool) -> None:
    found = facts(tmp_path, None, top={"training_folder": "/w/clips"}, num_frames=frames)
    assert found["previews_fed_back"].value is fed
