"""What a change writes, and what a text calls by its key: a declared setting that a trainer of the rule has."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.rulebase.domain import ANY
from diagnose.rulebase.fact_declarations import SubjectKind
from diagnose.rulebase.faults import Fault, nearest
from diagnose.rulebase.lints.vocabulary import Vocabulary, ranged_over
from diagnose.rulebase.message import SUBJECT, filled_by, settings_named
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import ChangeOp, ChangeSpec
from diagnose.rulebase.walk import texts

OF_SUBJECT = f"{{{SUBJECT}}}"


def lint_settings(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each change that writes no setting, and for each text that names one which is not declared."""
    for index, change in enumerate(file.rule.changes):
        complaint = _complaint(file, change, words) if change.setting else None
        if complaint:
            yield file.fault(("changes", index, "setting"), complaint)
    for place, text in texts(file.rule):
        for name in settings_named(text):
            if words.settings and name not in words.settings:
                yield file.fault(place, _undeclared(name, words))
            elif words.settings and words.settings[name].of is not None:
                yield file.fault(place, f"{name} is a setting of an entry, so it has no key of its own")


def _undeclared(name: str, words: Vocabulary) -> str:
    return f"{name} is not declared in settings.yaml{nearest(name, words.settings)}"


def _complaint(file: RuleFile, change: ChangeSpec, words: Vocabulary) -> str | None:
    if change.op is ChangeOp.ADVISE:
        return "advice writes no setting; leave it out, or choose another op"
    subjects = ranged_over(file.rule, words.entries)
    if filled_by(change.setting) is not None:
        alone = not subjects and change.setting == OF_SUBJECT
        return f"the rule is about the run, so {OF_SUBJECT} leads nowhere; name the setting" if alone else None
    return _misnamed(change, words, subjects) or _unknown_to_all(file, change, words) if words.settings else None


def _misnamed(change: ChangeSpec, words: Vocabulary, subjects: frozenset[SubjectKind]) -> str | None:
    declared = words.settings.get(change.setting)
    if declared is None:
        return _undeclared(change.setting, words)
    if declared.is_part:
        return f"{change.setting} is a {declared.type}; name a setting in it"
    if declared.of is not None and change.entry == OF_SUBJECT and subjects != {SubjectKind.DATASET}:
        return f"{change.setting} is a setting of an entry of {declared.of}; say under entry which"
    return None


def _unknown_to_all(file: RuleFile, change: ChangeSpec, words: Vocabulary) -> str | None:
    """What is wrong with a setting that no trainer of the rule has; what is removed may be another trainer's."""
    everyone = change.op is ChangeOp.REMOVE or file.rule.trainers == (ANY,)
    keys = words.knowledge.keys
    trainers = [keys[each] for each in (keys if everyone else file.rule.trainers) if each in keys]
    if trainers and not any(change.setting in settings for settings in trainers):
        return f"no trainer of this rule has a key for {change.setting}"
    return None
