"""`knowledge/exclusive.yaml`, read and checked, and the answers that rules give to its questions.

Where a report would give two answers, one is left out (`diagnose.verdict.one_answer`). So what can be left out must be
no grave finding, and every advice that speaks of such a question must say which answer it gives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter

from diagnose.core.errors import nearest
from diagnose.core.values import Severity, Stage
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.knowledge import Answer, Question, questions_by_answer
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.shapes import (
    Listed,
    Pattern,
    Prose,
    RuleName,
    Shape,
    Word,
    validate,
)
from diagnose.rulebase.rule import ChangeOp, Rule
from diagnose.rulebase.yaml_places import Document


class _AnswerShape(Shape):
    says: Prose
    by: Listed[Word] = Field(default_factory=list)


class _QuestionShape(Shape):
    asks: Prose
    words: Listed[Pattern] = Field(default_factory=list)
    answers: Annotated[dict[RuleName, _AnswerShape], Field(min_length=2)]


def read_questions(document: Document) -> Mapping[str, Question]:
    """Return the questions by name."""
    shapes = validate(TypeAdapter(dict[RuleName, _QuestionShape]).validate_python, document) or {}
    taken: dict[str, str] = {}
    for name, shape in shapes.items():
        for answer in shape.answers:
            if answer in taken:
                text = f"{answer} answers {taken[answer]} already; an answer has a name of its own"
                document.note((name, "answers", answer), text)
            taken.setdefault(answer, name)
    return {
        name: Question(
            name,
            each.asks,
            tuple(each.words),
            tuple(Answer(answer, said.says, tuple(said.by)) for answer, said in each.answers.items()),
        )
        for name, each in shapes.items()
    }


LIGHT = frozenset({Severity.INFO, Severity.GOOD})
"""Severities of which a finding may be left out for an answer that stands against its own."""


def lint_exclusive(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each answer that is none or cannot be left out, and for each advice that lacks one."""
    questions = words.knowledge.questions
    asked = questions_by_answer(questions)
    for place, name in _stated(file.rule):
        if name not in asked:
            yield file.fault(place, f"exclusive.yaml has no answer {name}{nearest(name, asked)}")
    rule, question = file.rule, asked.get(file.rule.states or "")
    severities = {rule.severity, *(grade.severity for grade in rule.grades)} - {None}
    if rule.states is not None and rule.stage is Stage.REMEDY:
        yield file.fault(("states",), "a remedy words no finding; name the answer on its advice")
    elif question is not None and question.answers[0].name != rule.states and not severities <= LIGHT:
        text = f"{question.answers[0].name} would leave this finding out, which is more than info"
        yield file.fault(("states",), f"{text}; name the answer on its advice")
    yield from _of_advice(file, questions.values())


def _of_advice(file: RuleFile, questions: Collection[Question]) -> Iterator[Fault]:
    for index, change in enumerate(file.rule.changes):
        text = change.because.replace("[", "").replace("]", "")  # those of optional segments
        if change.states is not None and change.op is not ChangeOp.ADVISE:
            yield file.fault(("changes", index, "states"), "only an advice states an answer; a key has one owner")
        for question in questions if change.op is ChangeOp.ADVISE else ():
            answers = [answer.name for answer in question.answers]
            speaks = any(re.search(word, text, re.IGNORECASE) for word in question.words)
            if speaks and change.states not in answers:
                complaint = f"this speaks of {question.name}: name its answer under states ({', '.join(answers)})"
                yield file.fault(("changes", index, "because"), complaint)


def lint_questions(questions: Mapping[str, Question], document: Document, files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each answer that no rule and no part of a report gives. All files must be there."""
    stated = {name for file in files for _, name in _stated(file.rule)}
    for question in questions.values():
        for answer in question.answers:
            if not answer.parts and answer.name not in stated:
                yield document.fault((question.name, "answers", answer.name), "nothing gives this answer")


def _stated(rule: Rule) -> Iterator[tuple[KeyPath, str]]:
    if rule.states is not None:
        yield ("states",), rule.states
    for index, change in enumerate(rule.changes):
        if change.states is not None:
            yield ("changes", index, "states"), change.states
