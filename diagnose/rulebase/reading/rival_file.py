"""What else a finding or a report could say, read and checked: `knowledge/rivals.yaml` and `knowledge/exclusive.yaml`.

A rival explains a finding in another way, and facts decide it. Where a report would give two answers to a question of
`exclusive.yaml`, one is left out (`diagnose.verdict.one_answer`). So what can be left out must be no grave finding, and
every advice that speaks of such a question must say which answer it gives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag, TypeAdapter

from diagnose.core.errors import nearest
from diagnose.core.values import Severity, Stage
from diagnose.rulebase.comparison import literals
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.knowledge import Answer, Question, questions_by_answer
from diagnose.rulebase.lints.vocabulary import Vocabulary, disordered, misplaced_subject, unknown_fact, wrong_type
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.conditions import Conditions, ConditionShape
from diagnose.rulebase.reading.shapes import (
    Chosen,
    Listed,
    Pattern,
    Prose,
    RuleName,
    Shape,
    Some,
    Title,
    Word,
    frozen,
    validate,
)
from diagnose.rulebase.rivals import AllOf, Cost, Rival, RivalGrade, RivalTest
from diagnose.rulebase.rule import ChangeOp, Condition, Param, Rule
from diagnose.rulebase.yaml_places import Document


class _AllShape(Shape):
    all: Some[ConditionShape]


_Clause: TypeAlias = Annotated[
    Annotated[_AllShape, Tag("all of")] | Annotated[ConditionShape, Tag("a condition")],
    Discriminator(lambda value: "all of" if isinstance(value, dict) and "all" in value else "a condition"),
]


class _TestShape(Shape):
    does: Prose
    cost: Chosen[Cost]


class _RivalShape(Shape):
    explains: Annotated[dict[RuleName, RuleName], Field(min_length=1)]
    title: Title
    says: Prose
    ruled_out_by: Listed[_Clause] = Field(default_factory=list)
    supported_by: Listed[_Clause] = Field(default_factory=list)
    ask: Prose | None = None
    grade: Chosen[RivalGrade]
    references: Some[Prose]


class _RivalsShape(Shape):
    tests: dict[RuleName, _TestShape]
    rivals: dict[RuleName, _RivalShape]


def read_rivals(document: Document, params: Mapping[str, Param]) -> Mapping[str, Rival]:
    """Return the rivals by id in the order of the file; what needs the rules to be seen is for the lint."""
    shape = validate(_RivalsShape.model_validate, document)
    if shape is None:
        return {}
    read = Conditions(document, params)
    tests = {id_: frozen(RivalTest, each, id=id_) for id_, each in shape.tests.items()}
    used = {test for each in shape.rivals.values() for test in each.explains.values()}
    for id_ in tests.keys() - used:
        document.note(("tests", id_), "no rival uses this test")
    rivals = {}
    for id_, each in shape.rivals.items():
        place: KeyPath = ("rivals", id_)
        for rule, test in each.explains.items():
            if test not in tests:
                document.note((*place, "explains", rule), f"there is no test {test}{nearest(test, tests)}")
        rivals[id_] = frozen(
            Rival,
            each,
            id=id_,
            explains={rule: tests[test] for rule, test in each.explains.items() if test in tests},
            ruled_out_by=_clauses((*place, "ruled_out_by"), each.ruled_out_by, read),
            supported_by=_clauses((*place, "supported_by"), each.supported_by, read),
        )
    return rivals


def _clauses(path: KeyPath, shapes: list[_AllShape | ConditionShape], read: Conditions) -> tuple[AllOf, ...]:
    clauses = []
    for index, shape in enumerate(shapes):
        place = (*path, index)
        if isinstance(shape, _AllShape):
            clauses.append(tuple(read.bare((*place, "all", i), each) for i, each in enumerate(shape.all)))
        else:
            clauses.append((read.bare(place, shape),))
    return tuple(clauses)


MOST_SAID = 200
"""Longest explanation or test; it is one line of a list."""


def lint_rival(rival: Rival, document: Document, words: Vocabulary, rules: Collection[str] | None) -> Iterator[Fault]:
    """Yield a fault for each name that leads nowhere, each comparison that cannot hold, and unreadable wording.

    `rules` are the names of all rules; None where some could not be read.
    """
    place: KeyPath = ("rivals", rival.id)
    for name in rival.explains if rules is not None else ():
        if rules is not None and name not in rules:
            yield document.fault((*place, "explains", name), f"no rule is called {name}{nearest(name, rules)}")
    for key, clauses in (("ruled_out_by", rival.ruled_out_by), ("supported_by", rival.supported_by)):
        for index, clause in enumerate(clauses):
            for number, condition in enumerate(clause):
                path = (*place, key, index, "all", number)
                yield from _condition_faults(document, path if path in document.lines else path[:-2], condition, words)
    if set(rival.ruled_out_by) & set(rival.supported_by):
        yield document.fault(place, "one condition both rules it out and supports it")
    if not any(rival.conditions) and rival.ask is None:
        yield document.fault(place, "no fact decides it and nobody is asked; give conditions or ask")
    yield from _sentences(rival, document)


def _sentences(rival: Rival, document: Document) -> Iterator[Fault]:
    said: KeyPath = ("rivals", rival.id, "says")
    tests = ((("tests", test.id, "does"), test.does) for test in rival.explains.values())
    for path, text in ((said, rival.says), *tests):
        if not text[:1].isupper() or not text.endswith("."):
            yield document.fault(path, "write a sentence: a capital first, a full stop last")
        if len(text) > MOST_SAID:
            yield document.fault(path, f"{len(text)} characters; at most {MOST_SAID} are read in a list")
    if rival.ask is not None and "?" not in rival.ask:
        yield document.fault(("rivals", rival.id, "ask"), "write a question")


def _condition_faults(document: Document, path: KeyPath, condition: Condition, words: Vocabulary) -> Iterator[Fault]:
    if condition.fact not in words.entries:
        yield from unknown_fact(document, path, condition.fact, words)
        return
    yield from misplaced_subject(document, path, condition.fact, condition.subject, words)
    for test in condition.tests:
        complaints = [disordered(test, condition.fact, words)]
        complaints += [wrong_type(value, condition.fact, words) for value in literals(test)]
        yield from (document.fault(path, complaint) for complaint in complaints if complaint)


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
