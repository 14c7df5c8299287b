"""What must be true of the rules together: nothing taken twice, no circle, an answer to every grave finding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from math import prod
from pathlib import Path

from diagnose.core.errors import nearest
from diagnose.core.values import Severity
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.faults import Fault, quoted
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import EACH, AnyOf, ChangeSpec, Condition, Op, Reference, Rule
from diagnose.rulebase.walk import Role, conditions, reached

MAX_RULES = 1000
"""As far as the engine was tried with rules of this kind."""
MAX_CONDITIONS = 12
"""Conditions of one rule; each is a pattern of the engine, which joins at most 16."""
MAX_WAYS = 64
"""Ways in which one rule can hold: the engine knows no "or", so each is a rule of its own to it."""


def lint_whole(files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each id, name or title that is taken twice, and for what the engine cannot carry."""
    first: dict[tuple[str, str], Path] = {}
    for key in ("id", "name", "title"):
        for file in files:
            value: str = getattr(file.rule, key)
            taker = first.setdefault((key, value), file.path)
            if taker != file.path:
                where = taker.name if taker.parent == file.path.parent else taker
                yield file.fault((key,), f"{quoted(value)} is taken by {where}")
    if len(files) > MAX_RULES:
        yield files[MAX_RULES].document.fault((), f"{len(files)} rules; at most {MAX_RULES} can be used together")
    for file in files:
        rule = file.rule
        expected = f"{rule.id}-{rule.name}.yaml"
        if file.path.name != expected:
            yield file.fault((), f"the file is called {file.path.name}; by its id and name it is {expected}")
        if too_long(rule):
            yield file.fault(("when",), f"more than {MAX_CONDITIONS} conditions; a rule has no more")
        elif (ways := prod(map(_ways, (*rule.applies, *rule.when)))) > MAX_WAYS:
            yield file.fault(("when",), f"`any` and `in` make {ways} ways to hold; a rule has at most {MAX_WAYS}")


def names_read(files: Sequence[RuleFile], knowledge: Knowledge) -> frozenset[str]:
    """Return every fact and conclusion that a rule, a rival explanation or a row of the settings reads."""
    rules = {each.condition.fact for file in files for each in conditions(file.rule)}
    shown = {each.fact for file in files for each in file.rule.show}
    rivals = {condition.fact for rival in knowledge.rivals.values() for condition in rival.conditions}
    rows = [row for part in knowledge.effective.values() for row in part]
    reached = {row.fact for row in rows} | {condition.fact for row in rows for condition in row.where}
    return frozenset(rules | shown | rivals | reached)


def lint_conclusions(files: Sequence[RuleFile], read: Collection[str]) -> Iterator[Fault]:
    """Yield a fault for each conclusion that nothing reads. All files must be there."""
    for file in files:
        for index, name in enumerate(file.rule.derives):
            if name not in read:
                yield file.fault(("derives", index), f"nothing reads {name}; leave it out")


def too_long(rule: Rule) -> bool:
    """Return whether a rule has more conditions than the engine can carry; nothing else is worth saying of it."""
    return sum(1 for _ in conditions(rule)) > MAX_CONDITIONS


def _apart(one: Rule, other: Rule) -> bool:
    """Return whether no run fires both rules, as each asks for another value of one fact."""
    asked, also = _values_asked(one), _values_asked(other)
    return any(asked[place] != also[place] for place in asked.keys() & also.keys())


def _values_asked(rule: Rule) -> dict[tuple[str, str], object]:
    """Return the values that a rule asks of facts of one subject, by fact and subject."""
    single = (each for each in rule.when if isinstance(each, Condition) and each.subject != EACH)
    asked = ((each, test) for each in single for test in each.tests if test.op is Op.IS)
    return {(each.fact, each.subject): test.operand for each, test in asked if not isinstance(test.operand, Reference)}


def contested_settings(files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a note for each pair of rules that may set one setting to different literals in one run.

    Of a key that a firing fills in nobody can tell which it will be; a change that yields contests nothing.
    """
    by_setting: dict[str, list[tuple[RuleFile, int, ChangeSpec]]] = {}
    for file in files:
        for index, change in enumerate(file.rule.changes):
            if change.value is not None and "{" not in change.setting and not change.yields:
                by_setting.setdefault(change.setting, []).append((file, index, change))
    for name, claims in by_setting.items():
        for (first, _, one), (second, index, other) in combinations(claims, 2):
            trainers, others = set(first.rule.trainers), set(second.rule.trainers)
            meet = (trainers & others or ANY in trainers | others) and not _apart(first.rule, second.rule)
            if one.value != other.value and meet and set(first.rule.intents) & set(second.rule.intents):
                text = f"{first.rule.name} sets {name} to {one.value}, this rule to {other.value}"
                yield second.fault(("changes", index), text)


def _ways(clause: Condition | AnyOf) -> int:
    if isinstance(clause, AnyOf):
        return sum(map(_ways, clause.alternatives))
    return prod(len(test.operand) for test in clause.tests if isinstance(test.operand, tuple))


def lint_answers(files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each rule whose finding may be major or worse and that nothing answers.

    A finding is answered by its own changes, or through its conclusions by a remedy or by a cause that is answered
    itself. All files must be there: any of them may answer another.
    """
    answered: set[str] = set()
    for file in sorted(files, key=lambda file: file.rule.stage.rank, reverse=True):
        rule = file.rule
        severities = [rule.severity, *(grade.severity for grade in rule.grades)]
        if rule.changes or answered & set(rule.derives):
            answered.update(condition.fact for condition, role, _ in conditions(rule) if role is not Role.UNLESS)
        elif any(each is not None and each.rank <= Severity.MAJOR.rank for each in severities):
            text = "a finding as grave as this needs an answer: give changes (op advise for what no key does), or"
            yield file.fault(("severity",), f"{text} derive a conclusion that a remedy reads")


def lint_stories(files: Sequence[RuleFile]) -> Iterator[Fault]:
    """Yield a fault for each name under `explains` and `holds_back` that leads nowhere or back to its own rule.

    All files must be there.
    """
    explains = {file.rule.name: file.rule.explains for file in files}
    topics = {file.rule.topic for file in files if file.rule.topic is not None}
    for file in files:
        for index, name in enumerate(file.rule.explains):
            place = ("explains", index)
            if name not in explains:
                yield file.fault(place, f"no rule is called {name}{nearest(name, explains)}")
            elif file.rule.name in reached(name, explains):
                yield file.fault(place, f"{name} explains {file.rule.name} as well; only one of the two is the cause")
        for index, topic in enumerate(file.rule.holds_back):
            if topic not in topics:
                yield file.fault(("holds_back", index), f"no rule has the topic {topic}{nearest(topic, topics)}")
        if file.rule.topic in file.rule.holds_back:
            yield file.fault(("topic",), "the rule would hold itself back")
