"""Where a change writes: a key of the process entry that the trainer reads, as far as the trainer models say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from diagnose.rulebase.domain import ANY
from diagnose.rulebase.faults import Fault, nearest
from diagnose.rulebase.lints.vocabulary import Vocabulary, ranged_over
from diagnose.rulebase.message import SUBJECT, pieces_of
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.registry import SubjectKind
from diagnose.rulebase.rule import ChangeOp, ChangeSpec

FILLED = "*"
"""Stands for what a firing fills in; no key holds it."""
A_DATASET = "datasets[0]"
TOP = "process"
"""What the trainer models call the process entry itself."""

_KEY = r'[^.\[\]"\x00-\x1f]+'
_PATH = re.compile(rf"{_KEY}(?:\[[0-9]{{1,9}}\])*(?:\.{_KEY}(?:\[[0-9]{{1,9}}\])*)*")


def lint_paths(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each change whose path is none, or leads to a key that no trainer of the rule reads."""
    for index, change in enumerate(file.rule.changes):
        complaint = _complaint(file, change, words) if change.path else None
        if complaint:
            yield file.fault(("changes", index, "path"), complaint)


def _complaint(file: RuleFile, change: ChangeSpec, words: Vocabulary) -> str | None:
    if change.op is ChangeOp.ADVISE:
        return "advice edits no key; leave the path out, or choose another op"
    subjects = ranged_over(file.rule, words.entries)
    path = _filled_in(change.path, subjects)
    if path is None:  # the lint of the wording reports it
        return None
    if not subjects and f"{{{SUBJECT}}}" in change.path:
        return f"the rule is about the run, so {{{SUBJECT}}} leads nowhere; write the path out"
    # what is removed may be what a trainer does not read
    everyone = change.op is ChangeOp.REMOVE or file.rule.trainers == (ANY,)
    trainers = words.keys if everyone else file.rule.trainers
    return _misshapen(path) or _unread(path, [words.keys[each] for each in trainers if each in words.keys])


def _filled_in(template: str, subjects: Iterable[SubjectKind]) -> str | None:
    """The path with something in the place of each placeholder; None where they cannot be told."""
    try:
        parts = pieces_of(template)
    except ValueError:
        return None
    subject = A_DATASET if set(subjects) == {SubjectKind.DATASET} else FILLED
    names = ((literal, None if each is None else each.name) for literal, each in parts)
    return "".join(literal + {None: "", SUBJECT: subject}.get(name, FILLED) for literal, name in names)


def _misshapen(path: str) -> str | None:
    if not _PATH.fullmatch(path):
        return "not a config path; write it like train.steps or datasets[0].fps"
    if path.endswith("]"):
        return "that is an item of a list; name a key in it"
    if path.split(".", maxsplit=1)[0] == "config":
        return "a path begins within the process entry; write it like train.steps"
    return None


def _unread(path: str, trainers: Sequence[Mapping[str, frozenset[str]]]) -> str | None:
    """What is wrong with keys of sections that are known; where one is filled in, the rest is anybody's guess."""
    steps = re.sub(r"\[[0-9]+\]", "", path).split(".")
    sections = {name for keys in trainers for name in keys}
    if ".".join(steps) in sections:
        return f"{'.'.join(steps)} is a section; name a key in it"
    for count, step in enumerate(steps):
        section = ".".join(steps[:count]) or TOP
        if FILLED in step:
            return None
        known = {key for keys in trainers for key in keys.get(section, ())}
        if section in sections and step not in known:
            where = "the process entry" if section == TOP else section
            return f"no trainer of this rule reads {step} in {where}{nearest(step, known)}"
    return None
