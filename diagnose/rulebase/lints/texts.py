"""What a rule says, shows and cites: each placeholder has a value, each figure one home, each citation a target.

What a rule only shows may be unknown. So a text names it in optional segments only, and no segment is optional that
could always be filled. No condition is there for the words alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from diagnose.core.errors import nearest
from diagnose.core.values import Fact, Scalar, Stage
from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.fact_declarations import FactType, is_conclusion
from diagnose.rulebase.faults import Fault, KeyPath, quoted
from diagnose.rulebase.lints.vocabulary import Vocabulary, misplaced_subject, unknown_fact
from diagnose.rulebase.message import SUBJECT, filled, format_value, placeholders, segments, worded
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.claim_files import unknown_claims
from diagnose.rulebase.rule import EACH, Reference, Rule
from diagnose.rulebase.walk import (
    BINDING,
    Role,
    bound_conditions,
    conditions,
    named_facts,
    needed_by,
    needed_values,
    shown_by_alias,
    texts,
)

Fill: TypeAlias = "Callable[[str, Rule, Mapping[str, Fact], str], str]"

_SAMPLES: Mapping[FactType, Scalar] = {FactType.NUMBER: 1.5, FactType.TEXT: "text", FactType.BOOL: True}


def lint_wording(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each placeholder that no firing could fill, then word every text once for trial."""
    shown = shown_by_alias(file.rule).keys()
    for place, text in texts(file.rule):
        try:
            parts = segments(text)
        except ValueError as error:
            yield file.fault(place, str(error))
            continue
        yield from _placeholders(file, place, text, words, worded)
        for part in parts:
            if part.optional and part.names.isdisjoint(shown):
                yield file.fault(place, "a part in [ ] names nothing under show, so it is never left out: drop the [ ]")
            for name in sorted(part.names & shown) if not part.optional else ():
                yield file.fault(place, f"{{{name}}} may be unknown: put what needs it in [ ], which is left out then")
    for index, change in enumerate(file.rule.changes):
        yield from _placeholders(file, ("changes", index, "setting"), change.setting, words, filled)
        yield from _placeholders(file, ("changes", index, "entry"), change.entry, words, filled)


def _placeholders(file: RuleFile, place: KeyPath, text: str, words: Vocabulary, fill: Fill) -> Iterator[Fault]:
    try:
        named = {each.name for each in placeholders(text)}
    except ValueError as error:
        yield file.fault(place, str(error))
        return
    samples = {}
    for alias, each in named_facts(file.rule).items():
        entry = words.entries.get(each.fact)
        samples[alias] = Fact(each.fact, alias, _SAMPLES[entry.type] if entry else 1.5)
    known = {SUBJECT, *samples, *(f"${param.name}" for param in file.rule.params)}
    for name in sorted(named - known):
        what = "parameter" if name.startswith("$") else "alias under applies, when or show"
        yield file.fault(place, f"{{{name}}} is no {what}{nearest(name, known)}")
    if named <= known:
        try:
            fill(text, file.rule, samples, "high")
        except ValueError as error:
            yield file.fault(place, f"a number format does not suit its value: {error}")


def lint_show(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each fact that no finding could show, that it shows already or that nothing names.

    And for each condition that should be shown instead.
    """
    yield from _for_the_words_alone(file)
    rule = file.rule
    shown = {(condition.fact, condition.subject) for condition in bound_conditions(rule).values()}
    ranges = any(placed.condition.subject == EACH for placed in conditions(rule))
    named = _named_aliases(rule)
    for index, each in enumerate(rule.show):
        place = ("show", index)
        entry = words.entries.get(each.fact)
        if (each.fact, each.subject) in shown:
            yield file.fault(place, f"{each.fact} is shown already")
        elif is_conclusion(each.fact):
            yield file.fault((*place, "fact"), f"{each.fact} is a conclusion; a finding shows those as its proof")
        elif entry is None:
            yield from unknown_fact(file, (*place, "fact"), each.fact, words)
        else:
            yield from misplaced_subject(file, (*place, "of"), each.fact, each.subject, words)
        if each.subject == EACH and not ranges:
            yield file.fault((*place, "of"), "no condition ranges over subjects, so there is no `each`")
        if each.alias is None and rule.stage is Stage.REMEDY:
            yield file.fault(place, "a remedy has no evidence; give `as` and name it, or leave it out")
        elif each.alias is not None and named is not None and each.alias not in named:
            yield file.fault((*place, "as"), f"nothing names {each.alias}; without `as` it is in the evidence only")
        shown.add((each.fact, each.subject))


def _for_the_words_alone(file: RuleFile) -> Iterator[Fault]:
    """Yield a fault for each condition that asks nothing, where no test, change or alternative needs its value."""
    try:
        needed = needed_values(file.rule)
    except ValueError:  # the lint of the wording reports it
        return
    asked = {(each.fact, each.subject) for each, role, _ in conditions(file.rule) if role not in BINDING}
    for condition, role, path in conditions(file.rule):
        alone = not condition.tests and role is Role.WHEN and condition.alias not in needed
        if alone and (condition.fact, condition.subject) not in asked:
            text = f"nothing is asked of {condition.fact}, so it is for the words alone: give it under show"
            yield file.fault(path, text)


def _named_aliases(rule: Rule) -> frozenset[str] | None:
    """Every alias that texts, grades and changes name; None where a text cannot be read, which is a fault already."""
    tests = (grade.test for grade in rule.grades)
    named = {grade.alias for grade in rule.grades}
    named |= {alias for alias in (rule.as_sure_as, rule.explained_by) if alias is not None}
    named |= {test.operand.alias for test in tests if isinstance(test.operand, Reference)}
    try:
        for _, text in texts(rule):
            named |= {placeholder.name for placeholder in placeholders(text)}
        return frozenset(named.union(*map(needed_by, rule.changes)))
    except ValueError:
        return None


def lint_literals(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each shared count of steps that a text spells out; "per 100 steps" is no target."""
    shared: dict[str, list[str]] = {}
    for name, param in words.knowledge.parameters.items():
        if param.unit == "steps" and is_number(param.value):  # one of another unit may be there by chance
            shared.setdefault(format_value(param.value), []).append(name)
    # why and known problems may speak of the document's own run
    for path, text in ((("title",), file.rule.title), *texts(file.rule)):
        if "step" not in text:
            continue
        for value, names in shared.items():
            if re.search(rf"(?<![\w.{{])(?<!per ){re.escape(value)}(?![\w.])", text):
                yield file.fault(path, f"{value} is a parameter's: write {{${'} or {$'.join(names)}}}")


def lint_sources(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each citation that leads nowhere."""
    knowledge = words.knowledge
    trainers = knowledge.trainers
    for index, name in enumerate(file.rule.trainers):
        if name not in trainers and trainers and file.rule.trainers != (ANY,):
            known = ", ".join(sorted(trainers))
            yield file.fault(("trainers", index), f"no trainer is called {quoted(name)}; give any, or some of {known}")
    if file.rule.domain not in {ANY, *knowledge.domains}:
        text = f"there is no domain {file.rule.domain}{nearest(file.rule.domain, {ANY, *knowledge.domains})}"
        yield file.fault(("domain",), text)
    cited: list[tuple[KeyPath, str]] = [(("claims", index), text) for index, text in enumerate(file.rule.claims)]
    cited += [(("sources", index), text) for index, text in enumerate(file.rule.sources)]
    own = file.document.data.get("params") or {}
    cited += [(("params", param.name, "source"), param.source) for param in file.rule.params if param.name in own]
    for place, text in cited:
        yield from (file.fault(place, complaint) for complaint in unknown_claims(text, knowledge.claims))
    recipes = {key for recipe in knowledge.recipes.values() for key in recipe.values}
    for index, change in enumerate(file.rule.changes):
        if change.recipe is not None and change.recipe not in recipes:
            text = f"recipes.yaml has no {change.recipe}{nearest(change.recipe, recipes)}"
            yield file.fault(("changes", index, "recipe"), text)
