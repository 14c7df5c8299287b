"""Questions that a report answers in one way only, `knowledge/exclusive.yaml`.

Rules and advice name the answers they give; the order of the answers says which one stands where several are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct


class Answer(Struct, frozen=True):
    """One answer: a name of its own, a sentence, and what parts of a report say to the same effect."""

    name: str
    says: str
    parts: tuple[str, ...]


class Question(Struct, frozen=True):
    """One question.

    Attributes:
        asks: the question in words.
        words: regular expressions; an advice in which one is found speaks of the question.
        answers: those that exclude each other, the one that stands against all others first.
    """

    name: str
    asks: str
    words: tuple[str, ...]
    answers: tuple[Answer, ...]

    def standing(self, given: Iterable[str]) -> Answer | None:
        """Return the answer that stands among those that are given; None where none of them is to this question."""
        names = set(given)
        return next((answer for answer in self.answers if answer.name in names), None)


def questions_by_answer(questions: Mapping[str, Question]) -> dict[str, Question]:
    """Return the question that each answer answers."""
    return {answer.name: question for question in questions.values() for answer in question.answers}
