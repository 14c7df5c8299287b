"""`knowledge/exclusive.yaml`, read and checked, and the answers that rules give to its questions.

Where a report would give two answers, one is left out (`diagnose.verdict.one_answer`). So what can be left out must be
no grave finding, and every advice that speaks of such a question must say which answer it gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter

from diagnose.core.values import Severity, Stage
from diagnose.rulebase.faults import Fault, KeyPath, nearest
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.questions import Answer, Question, questions_by_answer
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.shapes import Listed, Prose, RuleName, Shape, Word, validate
from diagnose.rulebase.rule import ChangeOp, Rule
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


LIGHT = frozenset({Severity.INFO, Severity.GOOD})
"""Severities of which a finding may be left out for an answer that stands against its own."""


def lint_exclusive(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each answer that is none or cannot be left out, and for each advice that lacks one."""
    questions = words.knowledge.questions
    asked = questions_by_answer(questions)
    for place, name in _stated(file.rule):
        if name not in asked:
            yield file.fault(place, f"exclusive.yaml has no answer {name}{nearest(name, asked)}")
    yield from _of_the_message(file, asked)
    for index, change in enumerate(file.rule.changes):
        if change.states is not None and change.op is not ChangeOp.ADVISE:
            yield file.fault(("changes", index, "states"), "only an advice states an answer; a key has one owner")
        for question in questions.values() if change.op is ChangeOp.ADVISE else ():
            answers = [answer.name for answer in question.answers]
            if _speaks_of(question, change.because) and change.states not in answers:
                text = f"this speaks of {question.name}: name its answer under states ({', '.join(answers)})"
                yield file.fault(("changes", index, "because"), text)


def lint_questions(questions: Mapping[str, Question], files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each answer that no rule and no part of a report gives. All files must be there."""
    stated = {name for file in files for _, name in _stated(file.rule)}
    for question in questions.values():
        for answer in question.answers:
            if not answer.parts and answer.name not in stated:
                text = f"{question.name}: nothing gives the answer {answer.name}"
                yield Fault(question.file, question.line, text)


def _stated(rule: Rule) -> Iterator[tuple[KeyPath, str]]:
    if rule.states is not None:
        yield ("states",), rule.states
    for index, change in enumerate(rule.changes):
        if change.states is not None:
            yield ("changes", index, "states"), change.states


def _of_the_message(file: RuleFile, asked: Mapping[str, Question]) -> Iterator[Fault]:
    rule = file.rule
    question = asked.get(rule.states or "")
    if rule.states is not None and rule.stage is Stage.REMEDY:
        yield file.fault(("states",), "a remedy words no finding; name the answer on its advice")
    elif question is not None and question.answers[0].name != rule.states:
        severities = {rule.severity, *(grade.severity for grade in rule.grades)} - {None}
        if not severities <= LIGHT:
            text = f"{question.answers[0].name} would leave this finding out, which is more than info"
            yield file.fault(("states",), f"{text}; name the answer on its advice")


def _speaks_of(question: Question, text: str) -> bool:
    text = text.replace("[", "").replace("]", "")  # those of optional segments
    return any(re.search(word, text, re.IGNORECASE) for word in question.words)
