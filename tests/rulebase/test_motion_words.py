from __future__ import annotations

from knowledge_files import load_knowledge

from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.reading.motion_words import read_motion_words
from diagnose.rulebase.yaml_places import parse


def read(text: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    document, _ = parse("motion_words.yaml", text)
    assert document is not None
    words, faults = read_motion_words(document)
    return dict(words), [str(fault) for fault in faults]


def test_words_are_read_by_kind() -> None:
    assert read("verbs: [spin, walk]\nmanner: [up and down]") == (
        {"verbs": ("spin", "walk"), "manner": ("up and down",)},
        [],
    )


def test_an_unknown_kind_or_an_empty_list_is_a_fault() -> None:
    for text in ("adverbs: [fast]", "verbs: []", "verbs: [3]"):
        assert read(text)[1]


def test_our_list_has_each_word_once_and_in_its_plain_form() -> None:
    words = [word for kind in load_knowledge(knowledge_dir()).motion_words.values() for word in kind]
    assert len(words) == len(set(words))
    assert all(word == word.strip().lower() for word in words)
