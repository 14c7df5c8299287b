from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dataset_readings import dataset, facts, item
from run_evidence import YARDSTICK

from diagnose.core.model import Place
from diagnose.facts.targets import Words
from diagnose.sources.dataset.media import Caption, CaptionState

EMPTY = Caption("b.txt", CaptionState.EMPTY)
LATIN_1 = Caption("b.txt", CaptionState.NOT_UTF8, line=2)


def said(name: str, text: str) -> Any:
    return item(name, caption=Caption(f"{name[0]}.txt", CaptionState.TEXT, text, 1))


def test_missing_and_empty_captions_are_named(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.mp4"), item("b.mp4", caption=EMPTY), item("c.mp4", caption=None)))
    assert (found["captions_missing"].value, found["captions_missing_files"].value) == (2, "b.txt, c.txt")
    assert found["captions_missing_share"].value == 2 / 3


def test_a_default_caption_fills_what_is_missing(tmp_path: Path) -> None:
    clips = dataset(item("a.mp4"), item("b.mp4", caption=EMPTY))
    found = facts(tmp_path, clips, default_caption="a person walks")
    assert found["captions_missing"].value == 0
    assert found["captions_without_motion"].value == 0
    assert facts(tmp_path, clips, default_caption=" ")["captions_missing"].value == 1


def test_a_caption_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.mp4"), item("b.mp4", caption=LATIN_1)))
    assert found["captions_refused"].value == 1
    assert found["captions_refused"].places == (Place("b.txt", line=2),)
    assert found["captions_missing"].value == 0


def test_captions_without_a_word_for_motion(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(said("a.mp4", "she spins"), said("b.mp4", "a red car"), said("c.mp4", "walking")))
    assert (found["captions_without_motion"].value, found["captions_without_motion_files"].value) == (1, "b.txt")
    assert found["captions_without_motion"].places == (Place("b.txt", line=1),)
    assert (found["motion_words"].value, found["motion_words_used"].value) == (
        "general",
        "a general list of motion words",
    )


def test_the_users_words_are_named(tmp_path: Path) -> None:
    own = replace(YARDSTICK, words=Words(("moonwalk", "head turn"), own=True))
    found = facts(tmp_path, dataset(said("a.mp4", "she moonwalks"), said("b.mp4", "she spins")), yardstick=own)
    assert found["captions_without_motion_files"].value == "b.txt"
    assert (found["motion_words"].value, found["motion_words_used"].value) == ("given", "moonwalk, head turn")


def test_an_english_list_leaves_other_languages_unknown(tmp_path: Path) -> None:
    clips = dataset(said("a.mp4", "танцовщица кружится"))
    assert not facts(tmp_path, clips)["captions_without_motion"].known
    own = replace(YARDSTICK, words=Words(("кружится",), own=True))
    assert facts(tmp_path, clips, yardstick=own)["captions_without_motion"].value == 0


@pytest.mark.parametrize(
    ("texts", "alike", "shared"),
    [
        (("xyz walks", "xyz walks"), True, "walks"),
        (("xyz", "xyz."), True, "the trigger word alone"),
        (("[trigger] walks", "xyz  walks,"), True, "walks"),
        (("xyz walks", "xyz spins"), False, None),
        (("xyz walks",), False, None),
    ],
)
def test_captions_that_say_the_same(tmp_path: Path, texts: tuple[str, ...], alike: bool, shared: str | None) -> None:
    clips = dataset(*(said(f"{name}.mp4", text) for name, text in zip("abc", texts, strict=False)))
    found = facts(tmp_path, clips, top={"trigger_word": "xyz"})
    assert found["captions_alike"].value is alike
    assert (found["caption_shared"].value if alike else None) == shared


def test_a_shared_caption_is_quoted_in_part(tmp_path: Path) -> None:
    long = f"walks\x1b[31m{'far ' * 100}"
    found = facts(tmp_path, dataset(said("a.mp4", long), said("b.mp4", long)))
    assert len(str(found["caption_shared"].value)) == 80
    assert str(found["caption_shared"].value).isprintable()
