"""Questions that a report answers in one way only, `knowledge/exclusive.yaml`, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from diagnose.rulebase.exclusive import Answer, Question
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import Listed, Shape
from diagnose.rulebase.reading.spelling import Prose, RuleName, Word
from diagnose.rulebase.reading.validation import validate
from diagnose.rulebase.yaml_places import Document

EXCLUSIVE_FILE = "exclusive.yaml"


class _AnswerShape(Shape):
    says: Prose
    by: Listed[Word] = Field(default_factory=list)


class _QuestionShape(Shape):
    asks: Prose
    words: Listed[Prose] = Field(default_factory=list)
    answers: Annotated[dict[RuleName, _AnswerShape], Field(min_length=2)]


def read_questions(document: Document) -> tuple[Mapping[str, Question], list[Fault]]:
    """Return the questions by name, and every fault of the file."""
    shapes, faults = validate(TypeAdapter(dict[RuleName, _QuestionShape]).validate_python, document)
    faults += _faults(shapes or {}, document)
    questions = {
        name: Question(
            name,
            each.asks,
            tuple(each.words),
            tuple(Answer(answer, said.says, tuple(said.by)) for answer, said in each.answers.items()),
            document.file,
            document.lines[(name,)],
        )
        for name, each in (shapes or {}).items()
    }
    return questions, faults


def _faults(shapes: Mapping[str, _QuestionShape], document: Document) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for name, shape in shapes.items():
        for complaint in filter(None, map(_malformed, shape.words)):
            yield document.fault((name, "words"), f"{name}: {complaint}")
        for answer in shape.answers:
            if answer in taken:
                text = f"{answer} answers {taken[answer]} already; an answer has a name of its own"
                yield document.fault((name, "answers", answer), text)
            taken.setdefault(answer, name)


def _malformed(word: str) -> str | None:
    try:
        re.compile(word)
    except re.error as error:
        return f"{word} is no regular expression: {error}"
    return None
