"""Which files a trainer takes, what counts as damage, and how files are named in a sentence."""

from __future__ import annotations

import pytest
from builders import TRAINERS
from dataset_readings import dataset, item, pictures
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Place
from diagnose.facts.dataset.taken import damage, named, shortened, take
from diagnose.sources.dataset.listing import DatasetSpec
from diagnose.sources.video.frames import Unread
from diagnose.trainers.aitoolkit.dataset_entries import HABITS


def test_a_file_that_cannot_be_read_is_damaged_only_where_that_is_its_own_fault() -> None:
    assert damage(Unread("no video stream", damage=True)) == "no video stream"
    assert damage(Unread("no decoder here", damage=False)) == ""
    assert damage(None) == ""


@pytest.mark.parametrize(
    ("declared", "decoded", "estimated", "fault"),
    [
        (81, 80, False, ""),  # some muxers count one too many
        (81, 79, False, "79 of 81 frames are there"),
        (100, 90, True, ""),  # sound may outlast the pictures by a tenth
        (100, 89, True, "89 of 100 frames are there"),
        (5, 4, True, ""),
        (5, 3, True, "3 of 5 frames are there"),
        (None, 3, False, ""),
    ],
)
def test_frames_that_are_missing(declared: int | None, decoded: int, estimated: bool, fault: str) -> None:
    assert damage(pictures(declared=declared, decoded=decoded, estimated=estimated)) == fault


def test_damaged_frames_are_counted_of_all() -> None:
    assert damage(pictures(damaged=1, decoded=80, declared=81)) == "1 of 81 frames damaged"
    assert damage(pictures(damaged=2, decoded=82, declared=None)) == "2 of 82 frames damaged"
    assert damage(pictures(damaged=0, decoded=40, declared=81, whole=False)) == "", "nobody looked at the rest"


def test_five_files_are_named_and_the_rest_counted() -> None:
    files = [f"{name}.mp4" for name in "abcdefg"]
    assert named([]) == "none"
    assert named(files[:5]) == "a.mp4, b.mp4, c.mp4, d.mp4, e.mp4"
    assert named(files[:6]).endswith("e.mp4 and 1 more")
    assert named(files).endswith("and 2 more")


def test_a_name_of_sixty_characters_is_whole_and_a_longer_one_cut_in_its_middle() -> None:
    assert shortened("x" * 60) == "x" * 60
    assert len(shortened("x" * 61)) == 60
    cut = shortened("a" * 40 + "b" * 40)
    assert cut == "a" * 29 + "…" + "b" * 30


SPEC = DatasetSpec(
    "datasets[0]", "x", Place("c"), ".txt", 81, counts_itself=False, shrink=True, fps=None, habits=HABITS
)
MIXED = dataset(item("a.mp4"), item("c.png"), item("._d.mp4", hidden=True))


@pytest.mark.parametrize(
    ("trainer", "frames", "counts", "names", "decided"),
    [
        (RELAXIS, 81, False, "a.mp4", True),
        (RELAXIS, 2, False, "a.mp4", True),
        (RELAXIS, 1, False, "c.png", True),
        (AI_TOOLKIT, 81, False, "a.mp4 c.png", True),
        (AI_TOOLKIT, 1, True, "a.mp4 c.png", True),
        (None, 81, False, "a.mp4", False),
        (None, 1, True, "a.mp4", False),
        (None, 1, False, "c.png", True),
    ],
)
def test_what_a_trainer_takes(trainer: str | None, frames: int, counts: bool, names: str, decided: bool) -> None:
    spec = replace(SPEC, num_frames=frames, counts_itself=counts)
    taken = take(MIXED, spec, TRAINERS[trainer] if trainer is not None else None)
    assert (" ".join(each.media.file for each in taken.items), taken.decided) == (names, decided)
    assert all(each.media.file == "a.mp4" for each in taken.clips)


def test_only_clips_that_decode_to_their_end_were_seen() -> None:
    clips = dataset(
        item("a.mp4"), item("b.mp4", pictures(whole=False)), item("c.mp4", pictures(damaged=1)), item("d.png")
    )
    taken = take(clips, SPEC, TRAINERS[AI_TOOLKIT])
    assert [each.media.file for each, _ in taken.seen] == ["a.mp4"]
