"""What a rule may name: facts and settings that are declared, and conclusions that some rule derives.

Each fact and conclusion has a type, and kinds of subject. A setting is one that a trainer of the rule has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from diagnose.core.errors import nearest
from diagnose.core.values import RUN, Scalar
from diagnose.rulebase.comparison import ORDERED, literals
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.fact_declarations import FactType, SubjectKind, is_conclusion, type_of
from diagnose.rulebase.faults import Fault, KeyPath, quoted
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.message import SUBJECT, filled_by, format_value, settings_named
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import EACH, ChangeOp, ChangeSpec, Reference, Rule, Test
from diagnose.rulebase.walk import conditions, named_facts, texts
from diagnose.rulebase.yaml_places import Document


class Entry(Struct, frozen=True):
    """A name's type, and what it may be about."""

    type: FactType
    subjects: frozenset[SubjectKind]


class Vocabulary(Struct, frozen=True):
    """Every name with what is known of it.

    `complete`: every rule file was readable, so no conclusion is lost.
    """

    knowledge: Knowledge
    entries: Mapping[str, Entry]
    complete: bool

    @property
    def experts(self) -> tuple[str, ...]:
        """The names of the experts of every domain."""
        domains = self.knowledge.domains.values()
        return tuple(dict.fromkeys(name for domain in domains for name in domain.expert_names))


def vocabulary(rules: Iterable[Rule], knowledge: Knowledge, *, complete: bool) -> Vocabulary:
    """Return what the rules of one base may name."""
    entries = {name: Entry(fact.type, frozenset({fact.subject})) for name, fact in knowledge.facts.items()}
    for rule in sorted(rules, key=lambda rule: rule.stage.rank):
        subjects = ranged_over(rule, entries) or frozenset({SubjectKind.RUN})
        for name in rule.derives:
            earlier = entries[name].subjects if name in entries else frozenset()
            entries[name] = Entry(FactType.BOOL, subjects | earlier)
    return Vocabulary(knowledge, entries, complete)


def ranged_over(rule: Rule, entries: Mapping[str, Entry]) -> frozenset[SubjectKind]:
    """The kinds of subject that a rule's `each` stands for; a firing hands its subject to its conclusions."""
    named = (each.condition.fact for each in conditions(rule) if each.condition.subject == EACH)
    return frozenset(kind for fact in named if fact in entries for kind in entries[fact].subjects)


_NAMES = {FactType.NUMBER: "a number", FactType.TEXT: "text", FactType.BOOL: "true or false"}


def lint_facts(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each condition or grade that names or compares what it cannot."""
    ranged: set[frozenset[SubjectKind]] = set()
    for condition, _, path in conditions(file.rule):
        entry = words.entries.get(condition.fact)
        if entry is None:
            yield from unknown_fact(file, (*path, "fact"), condition.fact, words)
            continue
        if condition.subject == EACH:
            ranged.add(entry.subjects)
        yield from misplaced_subject(file, (*path, "of"), condition.fact, condition.subject, words)
        for test in condition.tests:
            yield from _test_faults(file, path, condition.fact, test, words)
    if len(ranged) > 1:
        kinds = " and ".join(sorted({kind.value for kinds in ranged for kind in kinds}))
        yield file.fault(("when",), f"`each` means one kind of subject in a rule, here {kinds}")
    named = named_facts(file.rule)
    for index, grade in enumerate(file.rule.grades):
        if grade.alias in named:
            yield from _test_faults(file, ("grades", index), named[grade.alias].fact, grade.test, words)


def unknown_fact(file: RuleFile | Document, path: KeyPath, fact: str, words: Vocabulary) -> Iterator[Fault]:
    """Yield the fault of a name that nobody declares or derives."""
    if not is_conclusion(fact):
        yield file.fault(path, f"{fact} is not declared in facts.yaml{nearest(fact, words.entries)}")
    elif words.complete:
        yield file.fault(path, f"no rule derives {fact}{nearest(fact, words.entries)}")


def misplaced_subject(
    file: RuleFile | Document, path: KeyPath, fact: str, subject: str, words: Vocabulary
) -> Iterator[Fault]:
    """Yield a fault where a declared fact cannot have that subject."""
    kinds = set()
    for kind in words.entries[fact].subjects:
        if kind in {SubjectKind.RUN, SubjectKind.TRAINING}:
            kinds.add("the run")
            suits = subject == RUN
        elif kind is SubjectKind.EXPERT:
            kinds.add(f"an expert ({', '.join(words.experts)} or each)")
            suits = subject in {EACH, *words.experts}
        else:
            kinds.add(f"a {kind.value} (each, or one's name)")
            suits = subject != RUN
        if suits:
            return
    said = " or ".join(sorted(kinds))
    yield file.fault(path, f"{fact} is a fact of {said}, not of {'the run' if subject == RUN else subject}")


def wrong_type(value: Scalar, fact: str, words: Vocabulary) -> str | None:
    """Return a complaint if a value cannot be this fact's, else None."""
    entry = words.entries.get(fact)
    if entry is None or type_of(value) is entry.type:
        return None
    shown = quoted(value) if isinstance(value, str) else format_value(value)
    return f"{fact} is {_NAMES[entry.type]}; {shown} is {_NAMES[type_of(value)]}"


def disordered(test: Test, fact: str, words: Vocabulary) -> str | None:
    """Return a complaint if a test orders what is no number, else None."""
    entry = words.entries.get(fact)
    if test.op not in ORDERED or entry is None or entry.type is FactType.NUMBER:
        return None
    return f"{test.op.value} compares numbers; {fact} is {_NAMES[entry.type]}"


def _test_faults(file: RuleFile, path: KeyPath, fact: str, test: Test, words: Vocabulary) -> Iterator[Fault]:
    place = (*path, test.op.value)
    if complaint := disordered(test, fact, words):
        yield file.fault(place, complaint)
        return
    for value in literals(test) if is_resolved(test, file.rule) else ():
        if complaint := wrong_type(value, fact, words):
            yield file.fault(place, complaint)
    if not isinstance(test.operand, Reference):
        return
    target = named_facts(file.rule).get(test.operand.alias)
    own, other = words.entries.get(fact), words.entries.get(target.fact) if target else None
    if own is None or other is None or target is None:
        return
    if own.type is not other.type:
        yield file.fault(place, f"{fact} is {_NAMES[own.type]}; {target.fact} is {_NAMES[other.type]}")
    elif test.operand.times != 1 and own.type is not FactType.NUMBER:
        yield file.fault(place, f"times is for numbers; {fact} is {_NAMES[own.type]}")


def is_resolved(test: Test, rule: Rule) -> bool:
    """Return whether a test compares with what there is; a parameter that does not exist is a fault already."""
    return test.param is None or test.param in {param.name for param in rule.params}


OF_SUBJECT = f"{{{SUBJECT}}}"


def lint_settings(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each change that writes no setting, and for each text that names one which is not declared."""
    for index, change in enumerate(file.rule.changes):
        complaint = _complaint(file, change, words) if change.setting else None
        if complaint:
            yield file.fault(("changes", index, "setting"), complaint)
    declared = words.knowledge.settings  # none where a rule base of one's own declares none
    for place, text in texts(file.rule):
        for name in settings_named(text) if declared else ():
            if name not in declared:
                yield file.fault(place, _undeclared(name, words))
            elif declared[name].of is not None:
                yield file.fault(place, f"{name} is a setting of an entry, so it has no key of its own")


def _undeclared(name: str, words: Vocabulary) -> str:
    return f"{name} is not declared in settings.yaml{nearest(name, words.knowledge.settings)}"


def _complaint(file: RuleFile, change: ChangeSpec, words: Vocabulary) -> str | None:
    if change.op is ChangeOp.ADVISE:
        return "advice writes no setting; leave it out, or choose another op"
    subjects = ranged_over(file.rule, words.entries)
    if filled_by(change.setting) is not None:
        alone = not subjects and change.setting == OF_SUBJECT
        return f"the rule is about the run, so {OF_SUBJECT} leads nowhere; name the setting" if alone else None
    declared = words.knowledge.settings.get(change.setting)
    if declared is None:
        return _undeclared(change.setting, words) if words.knowledge.settings else None
    if declared.is_part:
        return f"{change.setting} is a {declared.type}; name a setting in it"
    if declared.of is not None and change.entry == OF_SUBJECT and subjects != {SubjectKind.DATASET}:
        return f"{change.setting} is a setting of an entry of {declared.of}; say under entry which"
    return _unknown_to_all(file, change, words)


def _unknown_to_all(file: RuleFile, change: ChangeSpec, words: Vocabulary) -> str | None:
    """What is wrong with a setting that no trainer of the rule has; what is removed may be another trainer's."""
    everyone = change.op is ChangeOp.REMOVE or file.rule.trainers == (ANY,)
    keys = words.knowledge.keys
    trainers = [keys[each] for each in (keys if everyone else file.rule.trainers) if each in keys]
    if trainers and not any(change.setting in settings for settings in trainers):
        return f"no trainer of this rule has a key for {change.setting}"
    return None
