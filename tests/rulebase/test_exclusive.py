"""Questions that a report answers in one way only: the file, and which answer stands."""

from __future__ import annotations

import pytest
from knowledge_files import load_knowledge

from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.exclusive import questions_by_answer
from diagnose.rulebase.reading.exclusive import read_questions
from diagnose.rulebase.yaml_places import parse

SOUND = r"""
where:
  asks: Where to?
  words: ['\bgo (left|right)\b']
  answers:
    go-left: {says: Go left.}
    go-right: {says: Go right., by: [keep]}
when:
  asks: When?
  answers: {now: {says: Now.}, later: {says: Later.}}
"""


def faults(text: str) -> list[str]:
    document, wrong = parse("exclusive.yaml", text)
    assert document is not None
    assert not wrong
    return [str(fault) for fault in read_questions(document)[1]]


def test_ours_ask_what_can_be_answered_in_two_ways() -> None:
    questions = load_knowledge(knowledge_dir()).questions
    assert {"saved-checkpoints", "next-start", "which-expert-gains"} <= set(questions)
    for question in questions.values():
        assert question.asks.endswith("?")
        assert all(answer.says.endswith(".") for answer in question.answers)


def test_the_first_of_the_answers_given_stands() -> None:
    document, _ = parse("exclusive.yaml", SOUND)
    assert document is not None
    questions, wrong = read_questions(document)
    assert wrong == []
    where = questions["where"]
    assert [answer.parts for answer in where.answers] == [(), ("keep",)]
    for given, standing in ((["go-right", "go-left"], "go-left"), (["go-right", "now"], "go-right"), (["now"], None)):
        stands = where.standing(given)
        assert (stands.name if stands is not None else None) == standing
    assert {name: question.name for name, question in questions_by_answer(questions).items()} == {
        "go-left": "where", "go-right": "where", "now": "when", "later": "when",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("later:", "go-left:", "10: go-left answers where already; an answer has a name of its own"),
        ("go (left|right)", "go (left", "4: where: \\bgo (left\\b is no regular expression: missing ), unterminated"),
        (", later: {says: Later.}", "", "10: when.answers: "),
        ("asks: When?", "ask: When?", "9: when.ask: unknown key"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, expected: str) -> None:
    assert any(fault.startswith(f"exclusive.yaml:{expected}") for fault in faults(SOUND.replace(old, new, 1)))
