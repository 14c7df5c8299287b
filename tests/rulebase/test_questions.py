"""Of the answers that a report gives to one question, the first in the file's order stands."""

from __future__ import annotations

from diagnose.rulebase.questions import Answer, Question, questions_by_answer

START = Question("start", "Where does it start?", (), (Answer("anew", "Anew.", ()), Answer("on", "On.", ("keep",))))
GAIN = Question("gain", "Which gains?", (), (Answer("low", "Low.", ()), Answer("high", "High.", ())))


def test_the_first_answer_that_is_given_stands() -> None:
    found = START.standing(["on", "anew", "low"])
    assert found is not None
    assert found.name == "anew"
    assert START.standing(["low"]) is None
    assert START.standing([]) is None


def test_each_answer_leads_to_its_question() -> None:
    found = questions_by_answer({"start": START, "gain": GAIN})
    assert found == {"anew": START, "on": START, "low": GAIN, "high": GAIN}
