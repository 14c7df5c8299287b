"""One answer to a question: of findings, advice and parts of a report that exclude each other, only one is printed.

Which they are is data (`knowledge/exclusive.yaml`). Rules and advice name the answers they give; the two parts of a
report that answer by themselves, the checkpoints to keep and the course of the weights, are asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagnose.facts.known import Known
from diagnose.rulebase.knowledge import Answer, Question, questions_by_answer
from diagnose.rulebase.rule import Rule
from diagnose.verdict.judgement import Change, Finding

KEEP, COURSE = "keep", "trajectory"


class Unsaid(Struct, frozen=True):
    """An answer that is left out: who would have given it, which one stands instead, and who gives that.

    Who: the name of a rule, or a part of the report.
    """

    answer: str
    by: str
    instead: str
    to: str


class Agreed(Struct, frozen=True):
    """What is left to print, and what is not printed."""

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    unsaid: tuple[Unsaid, ...]


def said_by_parts(known: Known, questions: Mapping[str, Question]) -> tuple[tuple[str, str], ...]:
    """Return the answers that parts of the report give by themselves, each with the part."""
    choice, course = known.evolution.keep, known.evolution.trajectory
    statements = []  # as `knowledge/exclusive.yaml` names them
    if choice is not None and (choice.nothing or choice.steps):
        statements.append((KEEP, "keep_none" if choice.nothing else "keep_some"))
    late = course.magnitude if course is not None else None
    if late is not None and (late.turn is not None or late.gap.certain):
        statements.append((COURSE, "trajectory_turns" if late.turn is not None else "trajectory_rises"))
    answers = [answer for question in questions.values() for answer in question.answers]
    return tuple(
        (answer.name, part) for part, statement in statements for answer in answers if statement in answer.parts
    )


def agree(
    questions: Mapping[str, Question],
    rules: Mapping[str, Rule],
    findings: Sequence[Finding],
    changes: Sequence[Change],
    parts: Iterable[tuple[str, str]],
) -> Agreed:
    """Return the findings and changes without those whose answer another one stands against.

    Args:
        questions: what is answered in one way only, with the answers in order.
        rules: by id; a finding gives the answers that its rule states.
        findings: what would be printed; so would be their changes.
        changes: those of the next run, the findings' among them.
        parts: the answers that parts of the report give, each with the part.
    """
    asked = questions_by_answer(questions)
    by_rules = [(rules[each.rule].states, each.name) for each in findings]
    by_rules += [(change.states, rule) for change in changes for rule in change.rules]
    said = list(dict.fromkeys([*((answer, by) for answer, by in by_rules if answer is not None), *parts]))
    standing = {name: question.standing(answer for answer, _ in said) for name, question in questions.items()}
    givers = dict(reversed(said))

    def instead(answer: str | None) -> Answer | None:
        stands = standing[asked[answer].name] if answer in asked else None
        return stands if stands is not None and stands.name != answer else None

    def left(of: Sequence[Change]) -> tuple[Change, ...]:
        return tuple(change for change in of if instead(change.states) is None)

    kept = [each for each in findings if instead(rules[each.rule].states) is None]
    return Agreed(
        tuple(replace(each, changes=left(each.changes)) for each in kept),
        left(changes),
        tuple(
            Unsaid(answer, by, stands.name, givers[stands.name])
            for answer, by in said
            if (stands := instead(answer)) is not None
        ),
    )
