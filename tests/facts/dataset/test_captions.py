from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dataset_readings import dataset, facts, item
from hypothesis import given
from hypothesis import strategies as st
from knowledge_files import load_knowledge
from msgspec.structs import replace
from run_evidence import YARDSTICK
from trainer_names import RELAXIS

from diagnose.core.paths import knowledge_dir
from diagnose.core.values import Place
from diagnose.facts.dataset.captions import in_latin, inflections, speaks_of
from diagnose.facts.targets import Words
from diagnose.sources.dataset.listing import Caption, CaptionState

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


GENERAL = tuple(word for words in load_knowledge(knowledge_dir()).motion_words.values() for word in words)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("spin", "She SPINS.", True),
        ("spin", "spinning fast", True),
        ("spin", "a spine", False),
        ("spin", "respin", False),
        ("wave", "waving", True),
        ("carry", "he carried it", True),
        ("run", "a runner", True),
        ("turn", "turned\nround", True),
        ("head turn", "slow head  turns", True),
        ("head turn", "a head, turning", False),
        ("back and forth", "back-and-forth", True),
        ("旋转", "一个人在旋转着", True),
        ("旋转", "一个人", False),
        ("c++", "a c++ b", True),
    ],
)
def test_a_word_is_found_whole_in_any_inflection(word: str, text: str, found: bool) -> None:
    assert speaks_of((word,), text) is found


@pytest.mark.parametrize(
    "text",
    [
        "A red car drives along the coast",
        "camera pans to the left",
        "her hair is blowing in the wind",
        "the crowd claps",
        "Something in rapid motion",
    ],
)
def test_the_general_list_knows_plain_sentences_of_motion(text: str) -> None:
    assert speaks_of(GENERAL, text)


@pytest.mark.parametrize("text", ["a red car", "portrait of a woman in a green dress, studio light", "", "trigger"])
def test_the_general_list_finds_no_motion_in_looks(text: str) -> None:
    assert not speaks_of(GENERAL, text)


@given(word=words, before=words, after=words)
def test_every_inflection_is_found_as_a_word_and_not_within_one(word: str, before: str, after: str) -> None:
    for form in inflections(word):
        assert speaks_of((word,), f"{before}, {form.upper()}! {after}")
    assert not speaks_of((word,), f"{before}{'0'}{word}{'0'}{after}")


@given(text=st.text(max_size=60), sought=st.lists(st.text(max_size=10), max_size=4))
def test_any_text_is_answered(text: str, sought: list[str]) -> None:
    assert speaks_of(sought, text) in {True, False}


def test_an_english_list_says_nothing_of_another_script() -> None:
    assert in_latin("a café")
    assert in_latin("123")
    assert not in_latin("танцовщица кружится")


def test_eight_of_the_users_words_are_shown(tmp_path: Path) -> None:
    words = tuple(f"word{at}" for at in range(9))
    shown = facts(tmp_path, dataset(item("a.mp4")), yardstick=replace(YARDSTICK, words=Words(words, own=True)))
    assert shown["motion_words_used"].value == ", ".join(words[:8])


def test_eighty_characters_of_a_shared_caption_are_shown(tmp_path: Path) -> None:
    for length, shown in ((80, "x" * 80), (81, "x" * 79 + "…")):
        clips = dataset(said("a.mp4", "x" * length), said("b.mp4", "x" * length))
        assert facts(tmp_path, clips)["caption_shared"].value == shown


def test_a_text_is_latin_where_four_of_five_letters_are() -> None:
    assert in_latin("abcd" + "я")
    assert not in_latin("abcdabc" + "яя")
    assert in_latin("123")


def test_of_no_texts_none_lacks_motion(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("b.mp4", caption=EMPTY)))
    assert found["captions_without_motion_share"].value == 0


def test_a_default_caption_stands_in_for_what_is_missing_alone(tmp_path: Path) -> None:
    clips = dataset(item("a.mp4"), item("b.mp4", caption=LATIN_1))
    found = facts(tmp_path, clips, default_caption="a still life")
    assert found["captions_without_motion"].value == 0
    bare = facts(tmp_path, dataset(item("a.mp4", caption=EMPTY)), default_caption="a still life")
    assert bare["captions_without_motion"].value == 1


@pytest.mark.parametrize(
    ("trainer", "complete", "known"), [(RELAXIS, True, True), (RELAXIS, False, False), (None, True, False)]
)
def test_no_fault_is_known_where_every_file_was_looked_at(
    tmp_path: Path, trainer: str | None, complete: bool, known: bool
) -> None:
    mixed = dataset(item("a.mp4"), item("c.png"), complete=complete)
    assert facts(tmp_path, mixed, trainer)["captions_missing"].known is known


def test_one_caption_without_motion_is_all_of_them(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(said("a.mp4", "a still life")))
    assert found["captions_without_motion_share"].value == 1


def test_an_empty_word_stands_in_no_text() -> None:
    assert not speaks_of(("",), "a cat")
    assert speaks_of(("", "spin"), "it spins")
