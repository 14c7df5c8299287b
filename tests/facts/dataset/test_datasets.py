from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, recorder, value
from builders import readings as run_readings
from dataset_readings import I2V, dataset, facts, item, pictures
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Fact
from diagnose.facts.dataset.datasets import record_datasets
from diagnose.sources.dataset.media import Caption, CaptionState
from diagnose.sources.video.frames import Unread

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
