from __future__ import annotations

from typing import Any

import pytest
from knowledge_files import load_knowledge

from diagnose.core.paths import knowledge_dir
from diagnose.core.values import Notation
from diagnose.rulebase.knowledge import EffectiveRow
from diagnose.rulebase.reading.fact_files import read_facts, read_glossary, read_motion_words, read_rows
from diagnose.rulebase.rule import Condition, Op, Test
from diagnose.rulebase.yaml_places import parse

SETTINGS = load_knowledge(knowledge_dir()).settings
FACTS = 'a.fact: {type: number, unit: "", subject: run, meaning: m, provide: p}\n'


def read(text: str) -> tuple[Any, list[str]]:
    document = parse("effective.yaml", text)
    rows = read_rows(document, read_facts(parse("facts.yaml", FACTS)), SETTINGS)
    return rows, [str(fault) for fault in document.faults]


@pytest.mark.parametrize(
    ("fact", "complaint"),
    [
        ('{type: number, unit: "", notation: rate, subject: run, meaning: m, provide: p}', None),
        ('{type: number, unit: "% per 100 steps", notation: percent, subject: run, meaning: m, provide: p}', None),
        ('{type: number, unit: "", notation: rates, subject: run, meaning: m, provide: p}', "notation"),
        ('{type: text, unit: "", notation: rate, subject: run, meaning: m, provide: p}', "notation is for numbers"),
        ('{type: number, unit: "%", subject: run, meaning: m, provide: p}', "go together"),
        ("{type: number, unit: steps, notation: times, subject: run, meaning: m, provide: p}", "go together"),
    ],
)
def test_how_a_number_is_written_goes_with_its_unit(fact: str, complaint: str | None) -> None:
    document = parse("facts.yaml", f"a.fact: {fact}\n")
    declared = read_facts(document)
    if complaint is None:
        assert not document.faults
        assert declared["a.fact"].notation is not Notation.NUMBER
    else:
        assert complaint in "".join(map(str, document.faults))


def test_a_row_is_read_whole() -> None:
    rows, faults = read(
        "part:\n  - {settings: [rate], fact: a.fact, gt: 1.5, where: [{fact: a.fact, is: 2}], happens: h, why: w}\n"
    )
    assert not faults
    also = Condition("a.fact", "run", (Test(Op.IS, 2),), "a.fact")
    assert rows == {
        "part": (EffectiveRow(("rate",), "a.fact", tests=(Test(Op.GT, 1.5),), where=(also,), happens="h", why="w"),)
    }


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{settings: [rate], fact: b.fact}", "b.fact is not declared in facts.yaml; did you mean a.fact?"),
        ("{settings: [rate], fact: a.fact, where: [{fact: c.fact, is: 1}]}", "c.fact is not declared"),
        ('{settings: ["{subject}"], fact: a.fact}', "needs `of: each`"),
        ("{settings: [clip.fps], fact: a.fact}", "needs `of: each`"),
        ("{settings: [train.lr], fact: a.fact}", "train.lr is not declared in settings.yaml"),
        ("{settings: [rate], fact: a.fact, gt: {ref: other}}", "a reference is for rules; give a value"),
        ("{settings: [rate], fact: a.fact, gt: $steps_max}", "gt: there is no parameter steps_max"),
        ("{settings: [], fact: a.fact}", "at least 1"),
        ("{settings: [rate], fact: a.fact, when: x}", "unknown key"),
    ],
)
def test_faults_of_a_row_have_a_line(row: str, complaint: str) -> None:
    _, faults = read(f"part:\n  - {row}\n")
    assert len(faults) == 1
    assert faults[0].startswith("effective.yaml:2: ")
    assert complaint in faults[0]


def test_ours_is_loaded_with_the_knowledge() -> None:
    assert sum(map(len, load_knowledge(knowledge_dir()).effective.values())) > 30


def read_words(text: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    document = parse("motion_words.yaml", text)
    return dict(read_motion_words(document)), [str(fault) for fault in document.faults]


def test_words_are_read_by_kind() -> None:
    assert read_words("verbs: [spin, walk]\nmanner: [up and down]") == (
        {"verbs": ("spin", "walk"), "manner": ("up and down",)},
        [],
    )


def test_an_unknown_kind_or_an_empty_list_is_a_fault() -> None:
    for text in ("adverbs: [fast]", "verbs: []", "verbs: [3]"):
        assert read_words(text)[1]


def test_our_list_has_each_word_once_and_in_its_plain_form() -> None:
    words = [word for kind in load_knowledge(knowledge_dir()).motion_words.values() for word in kind]
    assert len(words) == len(set(words))
    assert all(word == word.strip().lower() for word in words)


def test_a_glossary_says_what_each_term_means() -> None:
    document = parse("glossary.yaml", "bump: >\n  The step of\n  a rate.\n")
    assert dict(read_glossary(document)) == {"bump": "The step of a rate."}
    assert not document.faults
    empty = parse("glossary.yaml", "bump: ''\n")
    assert read_glossary(empty) == {}
    assert empty.faults
