"""A rule explained: what it says and what it is based on; with a run, its proof or how far it was from firing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from diagnose.core.values import RUN, Fact, Place, Quality
from diagnose.facts.recorder import NONE
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.comparison import told
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.fact_declarations import FactDeclaration, is_conclusion
from diagnose.rulebase.knowledge import Question, Recipe, questions_by_answer
from diagnose.rulebase.message import filled_by, format_value, in_keys, with_parameters
from diagnose.rulebase.rule import EACH, ChangeOp, ChangeSpec, Param, Rule
from diagnose.rulebase.walk import Role
from diagnose.trainers.declared import Keys
from diagnose.verdict.examine import ConditionState, Distance, Examined, examine
from diagnose.verdict.judgement import Finding, WeighedRival

if TYPE_CHECKING:
    from diagnose.verdict.consult import Consultation

_ROLES = {Role.APPLIES: "valid where ", Role.WHEN: "", Role.ALTERNATIVE: "", Role.UNLESS: "unless "}
_MARKS = {True: "met", False: "failed", None: "unknown"}
_MOST_PLACES = 3

Declarations = Mapping[str, FactDeclaration]


def rule_lines(id_: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation, and with a run what became of the rule for every subject it was tried for."""
    rule = next(rule for rule in base.rules if rule.id == id_)
    keys = keys_for(rule, base, held)
    rule = in_keys(rule, keys.called)
    severity = f"base severity {rule.severity.value}" if rule.severity else "changes the config"
    yield f"{rule.id} {rule.name} ({rule.stage.value}, {severity}, base confidence {rule.confidence.value})"
    yield f"{rule.title}\n\n{rule.why.strip()}"
    yield from _listed("Known limits", rule.known_problems)
    yield from _listed("Based on", (*(_claim(id_, base) for id_ in rule.claims), *rule.sources))
    yield from _listed("Thresholds", map(threshold, rule.params))
    yield from _listed("Severity instead", _grades(rule))
    yield from _listed("Concludes", rule.derives)
    yield from _listed("Excludes", _excluded(rule, base.knowledge.questions))
    yield from _listed("Shown besides, where known", tuple(dict.fromkeys(each.fact for each in rule.show)))
    yield from _listed("Changes", (change(each, rule, base.knowledge.recipes, keys) for each in rule.changes))
    if held is None:
        rivals = [each for each in base.knowledge.rivals.values() if rule.name in each.explains]
        yield from _listed("What else could explain it", (f"{each.id}: {each.says}" for each in rivals))
        return
    yield ""
    yield from _in_this_run(rule, held)


def keys_for(rule: Rule, base: RuleBase, held: Consultation | None) -> Keys:
    """Return the keys of the run's trainer, if the rule is about it, else those of the first that the rule is about."""
    if held is not None and not {ANY, *held.known.trainer.kin}.isdisjoint(rule.trainers):
        return held.known.keys
    described = base.knowledge.keys
    first = next((name for name in described if name in rule.trainers or ANY in rule.trainers), None)
    return Keys(described[first] if first is not None else {})


def _excluded(rule: Rule, questions: Mapping[str, Question]) -> Iterator[str]:
    """What is not printed beside what the rule or its advice says, and what is printed where both would be said."""
    asked = questions_by_answer(questions)
    for answer in filter(None, (rule.states, *(change.states for change in rule.changes))):
        question = asked[answer]
        others = ", ".join(each.name for each in question.answers if each.name != answer)
        yield f"{question.asks} It says {answer}, not {others}; the first of the answers in exclusive.yaml is shown."


def _in_this_run(rule: Rule, held: Consultation) -> Iterator[str]:
    for examined in examine(held.grounds.rules[rule.id], held.grounds):
        yield "In this run " + "\n".join(proof(examined, held.base.knowledge.facts))
    for finding in held.findings():
        if finding.rule == rule.id:
            yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    lowered = f" ({finding.lowered})" if finding.lowered else ""
    capped = f" (no more, since {finding.capped})" if finding.capped else ""
    sure = f"{finding.severity.value}{capped}, {finding.confidence.value} confidence{lowered}"
    yield f"It says{whom(finding.subject, 'for')}, {sure}: {finding.message.strip()}"
    yield from _listed("What else could explain it", map(_rival, finding.rivals))
    if finding.cheapest_test is not None:
        yield f"Quickest check ({finding.cheapest_test.cost}): {finding.cheapest_test.does}"


def _rival(rival: WeighedRival) -> str:
    facts = ", ".join(f"{each.fact} is {format_value(each.value)}" for each in rival.evidence)
    needs = "; ".join(rival.needs)
    return f"{rival.state.value}: {rival.id}: {rival.says}{f' [{needs or facts}]' if needs or facts else ''}"


def _listed(heading: str, items: Iterator[str] | tuple[str, ...] | map[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield f"\n{heading}:"
        yield from lines


def _claim(id_: str, base: RuleBase) -> str:
    standing = base.knowledge.standings.get(id_)
    grade_of = f" ({standing.grade.value})" if standing else ""
    return f"{id_}{grade_of}: {base.knowledge.claims[id_].says}"


def _grades(rule: Rule) -> Iterator[str]:
    for each in rule.grades:
        yield f"{each.severity.value} where {each.alias} {told(each.test)}"


def threshold(param: Param) -> str:
    """Say what a threshold is, where it comes from, and what the user set in its place."""
    runs = "not empirical" if param.runs is None else f"runs behind it: {param.runs}"
    own = f", set by you in place of {format_value(param.replaced)}" if param.overridden else ""
    unit = f" {param.unit}" if param.unit else ""
    return f"{param.name} = {format_value(param.value)}{unit}{own} ({param.source}; {runs})"


def change(spec: ChangeSpec, rule: Rule, recipes: Mapping[str, Recipe], keys: Keys) -> str:
    """Say what a rule would write, for every strategy where they differ."""
    because, path = with_parameters(spec.because, rule), spec.setting
    if path and filled_by(path) is None:
        path = keys.called(path, spec.entry)
    if spec.op is ChangeOp.ADVISE:
        return f"advice: {because}"
    if spec.op is ChangeOp.REMOVE:
        return f"remove {path}{_unless(spec)}: {because} ({spec.applicability.value})"
    if spec.recipe is not None:
        by = {name: format_value(recipe.values[spec.recipe]) for name, recipe in recipes.items()}
        several = len(set(by.values())) > 1
        value = ", ".join(f"{text} ({name})" for name, text in by.items()) if several else next(iter(by.values()))
    else:
        value = f"the run's {spec.fact}" if spec.fact is not None else format_value(spec.value)
    verb = "set" if spec.op is ChangeOp.SET else "where absent, set"
    return f"{verb} {path} to {value}{_unless(spec)}: {because} ({spec.applicability.value})"


def _unless(spec: ChangeSpec) -> str:
    return ", unless another rule speaks of the key" if spec.yields else ""


def outcomes(rule: Rule, held: Consultation) -> str:
    """Say what became of a rule in a run, for each subject."""
    tried = examine(held.grounds.rules[rule.id], held.grounds)
    return ", ".join(dict.fromkeys(f"{each.outcome.value}{whom(each.subject, 'for')}" for each in tried))


def proof(examined: Examined, facts: Declarations, depth: int = 0) -> Iterator[str]:
    """Yield what became of a rule for one subject: each condition a line, below a conclusion the rules behind it."""
    rule = examined.rule
    yield f"{'  ' * depth}{rule.name} ({rule.id}) {examined.outcome.value}{whom(examined.subject, 'for')}:"
    for group, states in groupby(examined.conditions, lambda state: state.group):
        alternatives = list(states)
        deeper = depth
        if group is not None:
            deeper += 1
            yield f"{'  ' * depth}- {_MARKS[_any(alternatives)]}: at least one of"
        for state in alternatives:
            yield f"{'  ' * deeper}- {condition(state, facts)}"
            for behind in state.behind:
                yield from proof(behind, facts, deeper + 1)


def _any(alternatives: Sequence[ConditionState]) -> bool | None:
    met = [state.met for state in alternatives]
    return True if True in met else None if None in met else False


def condition(state: ConditionState, facts: Declarations) -> str:
    """Say in a line what a condition asks, what it found and where, and how far that is from the limit."""
    mark = _MARKS[state.met]
    name = f"{_ROLES[state.role]}{state.fact}{whom(state.subject)}"
    asks = " and ".join(told(each.test, each.limit) for each in state.asked) or "is known"
    if state.reads is None or not state.reads.known:
        return f"{mark}: {name} {asks}: {_missing(state, facts)}"
    far = "; ".join(distance(each.distance) for each in state.asked if each.distance is not None)
    unit = f" {state.reads.unit}" if state.reads.unit else ""
    found = f"it is {format_value(state.value)}{unit}"
    where = at(state.places)
    return f"{mark}: {name} {asks}: {', '.join(filter(None, [found, far]))}{f' · {where}' if where else ''}"


def _missing(state: ConditionState, facts: Declarations) -> str:
    declared = facts.get(state.fact)
    if declared is not None:
        return f"it is unknown; provide {declared.provide}"
    return "it is open, as follows" if is_conclusion(state.fact) and state.behind else "it is unknown"


def distance(far: Distance) -> str:
    """Say how far a value is from its limit, and how much of the limit that is."""
    if far.gap == 0:
        return "exactly at the limit"
    side = "above" if far.gap > 0 else "below"
    share = f" ({far.share:.0%} of it)".replace("%", " %") if far.share is not None else ""
    return f"{format_value(abs(far.gap))} {side} the limit{share}"


def whom(subject: str, preposition: str = "of") -> str:
    """Say whom something is about; nothing for the run as a whole, or where there is nobody."""
    return "" if subject in {RUN, EACH, NONE} else f" {preposition} {subject}"


def at(places: tuple[Place, ...]) -> str:
    """Say where a value was read: the first few places."""
    shown = [_place(place) for place in places[:_MOST_PLACES]]
    left = len(places) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left > 0 else "")


def _place(place: Place) -> str:
    if place.line is None and place.key is not None:
        return f"{place}, {place.key}"
    return f"{place}, step {place.step}" if place.line is None and place.step is not None else str(place)


def come_by(fact: Fact) -> str:
    """Say how a value was come by."""
    if fact.quality is Quality.ESTIMATED:
        basis = f"estimated from {fact.samples} observations" if fact.samples is not None else "estimated"
    else:
        basis = fact.quality.value
    return f"{basis}; {fact.note}" if fact.note else basis
