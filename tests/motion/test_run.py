"""Which previews and clips of a run are measured, and at which speed."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_motion import CLIP
from msgspec.structs import replace

from diagnose.motion.run import MOST_CLIPS, at_speed, some_clips, spread
from diagnose.sources.dataset.listing import Caption, CaptionState, DatasetReading, Item, MediaFile, MediaKind
from diagnose.sources.readings import SampleFile
from diagnose.sources.video.frames import Pictures, Unread

WHOLE = Pictures(480, 832, 16.0, 33, estimated=False, decoded=33, damaged=0, whole=True)


def item(name: str, pictures: Pictures | Unread | None = WHOLE, kind: MediaKind = MediaKind.CLIP) -> Item:
    media = MediaFile(name, Path(name), kind, 1000, hidden=False)
    return Item(media, Caption(f"{name}.txt", CaptionState.TEXT), pictures)


def names(*items: Item) -> list[str]:
    reading = DatasetReading("datasets[0]", Path("clips"), "given", items, complete=True, foreign_sizes=None)
    return [each.media.file for each in some_clips(reading)]


def test_clips_that_decode_to_their_end_are_measured() -> None:
    cut, broken = replace(WHOLE, whole=False), replace(WHOLE, damaged=1)
    unread = Unread("truncated, or not a video", damage=True)
    others = [item("b", cut), item("c", broken), item("d", unread), item("e", None)]
    assert names(item("a"), *others, item("f", kind=MediaKind.STILL)) == ["a"]
    assert names() == []


@pytest.mark.parametrize(("count", "taken"), [(MOST_CLIPS, MOST_CLIPS), (MOST_CLIPS + 1, 5), (100, 8)])
def test_of_many_a_few_evenly_spread(count: int, taken: int) -> None:
    found = names(*(item(f"{index:03d}") for index in range(count)))
    assert len(found) == taken
    assert found[0] == "000"


def test_a_faster_clip_moves_more_and_is_shorter() -> None:
    found = at_speed(CLIP, 2.0)
    assert (found.amount, found.strong, found.camera) == (0.4, 1.2, 0.02)
    assert (found.seconds, found.camera_share, found.trust) == (1.0, CLIP.camera_share, CLIP.trust)
    bare = replace(CLIP, seconds=None, amount=None)
    assert (at_speed(bare, 2.0).seconds, at_speed(bare, 2.0).amount) == (None, None)


def test_the_first_and_the_last_round_come_first_then_the_middle() -> None:
    samples = [SampleFile(f"{step}_{prompt}", step, prompt, step) for step in range(0, 700, 100) for prompt in (1, 0)]
    found = spread(samples)
    assert [each.file for each in found[:4]] == ["0_0", "0_1", "600_0", "600_1"]
    assert [each.step for each in found[4::2]] == [300, 100, 400, 200, 500]
    assert sorted(each.file for each in found) == sorted(each.file for each in samples)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_rounds_are_all_there(count: int) -> None:
    samples = [SampleFile(str(step), step, 0, step) for step in range(count)]
    assert sorted(each.step for each in spread(samples)) == list(range(count))


def test_no_round_is_no_fault() -> None:
    assert spread([]) == []
