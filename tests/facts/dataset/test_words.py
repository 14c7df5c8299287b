from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowledge_files import load_knowledge

from diagnose.core.resources import knowledge_dir
from diagnose.facts.dataset.words import in_latin, inflections, speaks_of

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
